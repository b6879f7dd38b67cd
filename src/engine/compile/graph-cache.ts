import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic, writeFolderAtomic } from '../../store/atomic.js';
import { userCache } from '../../store/user-cache.js';
import { type GraphFile, type GraphSignature, graphHash } from './graph-file.js';

/**
 * Folder of the graph cache: one folder per graph, named by the hash of its content, and a folder `keys` of files that map a key to a
 * graph.
 */
const root = () => join(userCache(), 'graphs');

/** A graph on disk. */
export interface StoredGraph {
  folder: string;
  signature: GraphSignature;
}

/** Write a graph unless it is on disk. If the cache cannot be written, use a temporary folder for this process. */
export function storeGraph(file: GraphFile): StoredGraph {
  const { signature, hash } = file;
  const folder = join(root(), hash.slice(0, 32));
  if (!isIntact(folder)) {
    try {
      // Another process may have written the same content in the meantime.
      writeFolderAtomic(folder, (aside) => writeGraph(aside, file), isIntact);
    } catch {
      const own = mkdtempSync(join(tmpdir(), 'moon-graph-'));
      writeFileSync(join(own, 'saved_model.pb'), file.bytes);
      return { folder: own, signature };
    }
  }
  return { folder, signature };
}

/** Whether a folder's content matches its name. A damaged graph is recorded again. */
function isIntact(folder: string): boolean {
  const [graph, signature] = ['saved_model.pb', 'signature.json'].map((name) => join(folder, name));
  if (!existsSync(graph) || !existsSync(signature)) return false;
  return basename(folder) === graphHash(readFileSync(graph), readFileSync(signature)).slice(0, 32);
}

function writeGraph(folder: string, { bytes, signature }: GraphFile): void {
  writeFileSync(join(folder, 'saved_model.pb'), bytes);
  writeFileSync(join(folder, 'signature.json'), JSON.stringify(signature));
}

/** The graph stored under `key` by this version of the code. */
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

/** Store which graph belongs to `key`. A cache that cannot be written is not an error: the next process records again. */
export function storeKey(key: string, { folder }: StoredGraph): void {
  const file = join(root(), 'keys', keyName(key));
  try {
    writeFileAtomic(file, basename(folder));
  } catch {
    // The cache stays as it was.
  }
}

function keyName(key: string): string {
  return createHash('sha256').update(codeVersion()).update(key).digest('hex').slice(0, 32);
}

let version: string | undefined;

/** Hash of this package's code. A graph recorded by other code is never reused. */
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
