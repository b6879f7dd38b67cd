import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { valueHash } from './content-hash.js';
import { userCache } from './user-cache.js';

/**
 * Where what was worked out from a data folder is kept, by the bytes of its images: `.moon` inside it or, where that cannot be
 * written, a folder of its own in the user's cache (`MOON_CACHE`). Undefined where neither can be.
 * @param root of the catalogue; empty for generated data, which has no folder of its own
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
