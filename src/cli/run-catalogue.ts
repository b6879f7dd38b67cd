import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalogue } from '../data/types.js';
import { openCatalogue } from '../datasets/open.js';
import { readManifest } from '../train/run/manifest.js';

/** The products that a run was trained on; undefined where the folder is not a run, or its data are not there. */
export async function runCatalogue(folder: string): Promise<Catalogue | undefined> {
  if (!existsSync(join(folder, 'manifest.json'))) return undefined;
  const { path } = readManifest(folder).data;
  return existsSync(path) ? openCatalogue(path) : undefined;
}
