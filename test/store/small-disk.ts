import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of so many bytes ('64k') on a folder of its own, to be filled; `remove` takes both away. Throws where the user may not mount. */
export function mountSmallDisk(size: string): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'moon-small-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch (error) {
    rmdirSync(folder);
    throw error;
  }
  return {
    folder,
    remove() {
      execFileSync('umount', [folder]);
      rmdirSync(folder);
    },
  };
}
