import { existsSync } from 'node:fs';
import type { Catalogue } from '../data/types.js';
import { openCatalogue } from '../datasets/open.js';
import { isRun, readManifest } from '../train/run/manifest.js';

/** The products that a run was trained on; undefined where the folder is not a run, or its data are not there. */
export async function runCatalogue(folder: string): Promise<Catalogue | undefined> {
  if (!isRun(folder)) return undefined;
  const { path } = readManifest(folder).data;
  return existsSync(path) ? openCatalogue(path) : undefined;
}
