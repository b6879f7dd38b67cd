import { existsSync, readdirSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type FolderLock, lockFolder } from '../../store/folder-lock.js';
import { isRun } from './manifest.js';

/**
 * Rename a folder with runs to `FOLDER.1`, or the next free number, so that new runs can take its place.
 * @returns the new name
 * @throws UserError if a process is writing to the folder or a run in it
 */
export async function setAside(folder: string): Promise<string> {
  const runs = readdirSync(folder).filter((name) => isRun(join(folder, name)));
  const names = ['', ...runs];
  const locks: FolderLock[] = [];
  let now = folder;
  try {
    for (const name of names) locks.push(await lockFolder(join(folder, name)));
    const aside = freeName(folder);
    renameSync(folder, aside);
    now = aside;
    return aside;
  } finally {
    // The locks were moved with the folder.
    for (const [at, lock] of locks.entries()) lock.release(join(now, names[at]));
  }
}

function freeName(folder: string): string {
  for (let number = 1; ; number++) {
    const name = join(dirname(folder), `${basename(folder)}.${number}`);
    if (!existsSync(name)) return name;
  }
}
