import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../store/atomic.js';
import { cacheFolder } from '../../store/cache-folder.js';
import { imageFormat } from './image-file.js';

export const cannotKeep =
  'is no picture in a known format, or cannot be kept in the cache; set MOON_CACHE to a folder that can be written';

/**
 * Keep a picture that stands in a table as a file of the data folder's cache, named by its content.
 * @returns its path; undefined for bytes that are no picture, and where the cache cannot be written
 */
export async function keepEmbedded(root: string, bytes: Uint8Array): Promise<string | undefined> {
  const format = imageFormat(bytes);
  const cache = format && (await cacheFolder(root));
  if (!cache) return undefined;
  const path = join(cache, 'embedded', `${createHash('sha256').update(bytes).digest('hex')}.${format}`);
  if (!existsSync(path)) writeFileAtomic(path, bytes);
  return path;
}
