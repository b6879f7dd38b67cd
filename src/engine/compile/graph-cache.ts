import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fillFolder, writeFileAtomic } from '../../store/atomic.js';
import { userCache } from '../../store/user-cache.js';
import { type GraphFile, type GraphSignature, graphHash } from './graph-file.js';

/** Graphs on disk: a folder by the hash of its content, and under `keys` which of them a function with certain inputs gave. */
const root = () => join(userCache(), 'graphs');

/** A graph that can be loaded. */
export interface StoredGraph {
  folder: string;
  signature: GraphSignature;
}

/** Write a graph, unless it is there. Where the cache cannot be written, a temporary folder serves this process. */
export function storeGraph(file: GraphFile): StoredGraph {
  const { signature, hash } = file;
  const folder = join(root(), hash.slice(0, 32));
  if (!isIntact(folder)) {
    try {
      // Another process that was quicker has the same content.
      fillFolder(folder, (aside) => writeGraph(aside, file), isIntact);
    } catch {
      const own = mkdtempSync(join(tmpdir(), 'moon-graph-'));
      writeFileSync(join(own, 'saved_model.pb'), file.bytes);
      return { folder: own, signature };
    }
  }
  return { folder, signature };
}

/** Whether a folder holds the graph that it is named by: a damaged one is recorded again. */
function isIntact(folder: string): boolean {
  const [graph, signature] = ['saved_model.pb', 'signature.json'].map((name) => join(folder, name));
  if (!existsSync(graph) || !existsSync(signature)) return false;
  return basename(folder) === graphHash(readFileSync(graph), readFileSync(signature)).slice(0, 32);
}

function writeGraph(folder: string, { bytes, signature }: GraphFile): void {
  writeFileSync(join(folder, 'saved_model.pb'), bytes);
  writeFileSync(join(folder, 'signature.json'), JSON.stringify(signature));
}

/** The graph that `key` gave before, by this very code. */
export function findGraph(key: string): StoredGraph | undefined {
  try {
    const hash = readFileSync(join(root(), 'keys', keyName(key)), 'utf8');
    const folder = join(root(), hash);
    if (!isIntact(folder)) return undefined;
    return { folder, signature: JSON.parse(readFileSync(join(folder, 'signature.json'), 'utf8')) };
  } catch {
    return undefined;
  }
}

/** Remember that `key` gave this graph. A cache that cannot be written is no error: the next process records again. */
export function rememberGraph(key: string, { folder }: StoredGraph): void {
  const file = join(root(), 'keys', keyName(key));
  try {
    writeFileAtomic(file, basename(folder));
  } catch {
    // As it was.
  }
}

function keyName(key: string): string {
  return createHash('sha256').update(codeVersion()).update(key).digest('hex').slice(0, 32);
}

let version: string | undefined;

/** Hash of this package's own code: a graph that other code recorded is never trusted. */
export function codeVersion(): string {
  version ??= hashFolder(fileURLToPath(new URL('../..', import.meta.url)));
  return version;
}

function hashFolder(folder: string): string {
  const hash = createHash('sha256');
  const files = (readdirSync(folder, { recursive: true }) as string[]).filter((file) => /\.[jt]s$/.test(file)).sort();
  for (const file of files) hash.update(file).update(readFileSync(join(folder, file)));
  return hash.digest('hex');
}
