import { existsSync } from 'node:fs';
import { UserError } from '../checks/error.js';
import { missingPath } from '../checks/missing-path.js';
import { nearNames } from '../checks/nearest-name.js';
import type { Catalogue } from '../data/types.js';
import { preparePixels } from '../encoder/prepare.js';
import { baselineOf, baselines } from '../evaluate/systems/baselines.js';
import { embeddingSystem } from '../evaluate/systems/embedding-system.js';
import { networkSystem } from '../evaluate/systems/network-system.js';
import type { System, SystemProgress } from '../evaluate/systems/system.js';
import { queriesBeside, readEmbeddingFile } from '../search/files/embedding-file.js';
import { isRun } from '../train/run/manifest.js';
import { openSeeds } from './open-networks.js';

/** Where a system comes from, by how it is named. */
export type SystemSource = { runs: string[] } | { file: string } | { baseline: string };

/** @throws UserError for a name that is neither a run, a file nor a baseline */
export function systemSource(name: string): SystemSource {
  const parts = name.split(',');
  if (parts.every((part) => isRun(part))) return { runs: parts };
  if (baselines.some((each) => each.name === name)) return { baseline: name };
  if (existsSync(name)) return { file: name };
  const near = nearNames(
    name,
    baselines.map((each) => each.name),
  );
  if (near.length) throw new UserError(`SYSTEMS: ${name} does not exist; did you mean ${near.join(' or ')}?`);
  throw missingPath(parts.find((part) => !existsSync(part)) ?? name, 'SYSTEMS');
}

export interface SystemOptions extends SystemProgress {
  /** Tasks named by the user, of which files are taken to show what the tasks show. */
  tasks?: readonly string[];
  /** A file of the queries' vectors. Default: the one beside the file, or the file itself. */
  queries?: string;
}

/** Open a system by its name. Its `dispose` frees what it holds. */
export async function openSystem(
  source: SystemSource,
  catalogue: Catalogue,
  { tasks, queries, ...progress }: SystemOptions = {},
): Promise<System> {
  if ('baseline' in source) return baselineOf(source.baseline).open(catalogue, progress);
  if ('file' in source) return openFile(source.file, catalogue, queries, tasks);
  const networks = openSeeds(source.runs);
  const pixels = await preparePixels(networks[0].config, catalogue, {
    signal: progress.signal,
    onProgress: (done, total, label) => progress.onProgress?.({ label, done, total }),
  });
  return {
    ...networkSystem(source.runs[0], networks, pixels),
    dispose() {
      for (const { parameters } of networks) parameters.dispose();
    },
  };
}

async function openFile(
  file: string,
  catalogue: Catalogue,
  given: string | undefined,
  tasks?: readonly string[],
): Promise<System> {
  const beside = given ?? (existsSync(queriesBeside(file)) ? queriesBeside(file) : undefined);
  const [products, queries] = [
    await readEmbeddingFile(file),
    beside === undefined ? undefined : await readEmbeddingFile(beside),
  ];
  const notes = [
    ...products.notes.map((note) => `${file}: ${note}`),
    ...(queries?.notes ?? []).map((note) => `${beside}: ${note}`),
  ];
  return {
    ...embeddingSystem(file, { products: products.rows, queries: queries?.rows, declared: tasks }, catalogue),
    notes,
  };
}
