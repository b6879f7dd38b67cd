import { readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../checks/error.js';
import { environmentInteger } from '../checks/integer.js';
import { isRecordFile } from './record-file.js';

const GB = 1e9;
const DAY = 24 * 3600 * 1000;

/** Bytes that decoded pictures, or features, of a data folder may take: `MOON_CACHE_LIMIT` in GB. Default 100 GB. */
export const cacheLimit = () => GB * (environmentInteger('MOON_CACHE_LIMIT', { min: 1 }) ?? 100);

/**
 * Make room for new bytes in a folder of records: if all files in it and in the folders beside it (pictures of another size, features of
 * another encoder) would take more than the limit, those go that were not used for the longest time, and not within a day.
 * @throws UserError if what is in use takes too much
 */
export function makeRoom(folder: string, bytes: number, limit = cacheLimit()): void {
  const files = recordFiles(dirname(folder));
  let taken = files.reduce((sum, { size }) => sum + size, bytes);
  for (const { path, size, used } of files) {
    if (taken <= limit || used > Date.now() - DAY) break;
    if (!isRecordFile(path)) continue;
    rmSync(path, { force: true });
    taken -= size;
  }
  if (taken > limit)
    throw new UserError(
      `${dirname(folder)}: would take ${(taken / GB).toFixed(1)} GB, more than the ${(limit / GB).toFixed(1)} GB that it may. Set MOON_CACHE_LIMIT (in GB) higher or delete folders in it; what was written is kept.`,
    );
}

/** Files of the folders in `parent`, the one used longest ago first. */
function recordFiles(parent: string): { path: string; size: number; used: number }[] {
  const folders = listed(parent);
  const paths = folders.flatMap((name) => listed(join(parent, name)).map((file) => join(parent, name, file)));
  return paths
    .filter((path) => path.endsWith('.bin'))
    .flatMap((path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found ? [{ path, size: found.size, used: found.mtimeMs }] : [];
    })
    .sort((a, b) => a.used - b.used);
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
