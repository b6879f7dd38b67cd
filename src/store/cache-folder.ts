import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { valueHash } from './content-hash.js';
import { userCache } from './user-cache.js';

/**
 * The cache folder for results computed from the images of a data folder: `.moon` inside it, or a folder in the user's cache (`MOON_CACHE`)
 * if the data folder is read-only. Undefined if neither can be written.
 * @param root root of the catalogue; empty for generated data, which has no folder
 */
export async function cacheFolder(root: string): Promise<string | undefined> {
  const shared = join(userCache(), 'data', root ? valueHash(root).slice(0, 16) : 'generated');
  for (const folder of root ? [join(root, '.moon'), shared] : [shared]) {
    if (await isWritable(folder)) return folder;
  }
  return undefined;
}

async function isWritable(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
