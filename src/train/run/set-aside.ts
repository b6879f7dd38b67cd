import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { lockFolder } from '../../store/folder-lock.js';
import { isRun } from './manifest.js';

/**
 * Give a folder with runs the name `FOLDER.1`, or the next that is free, so that others can take its place.
 * @returns the new name
 * @throws UserError while a process writes into the folder or a run in it
 */
export async function setAside(folder: string): Promise<string> {
  const runs = readdirSync(folder).filter((name) => isRun(join(folder, name)));
  const locked = ['', ...runs];
  const unlocks: (() => Promise<void>)[] = [];
  try {
    for (const name of locked) unlocks.push(await lockFolder(join(folder, name)));
    const aside = freeName(folder);
    renameSync(folder, aside);
    unlocks.length = 0;
    // The locks went along.
    for (const name of locked) rmSync(join(aside, name, 'lock'), { force: true });
    return aside;
  } finally {
    for (const unlock of unlocks) await unlock();
  }
}

function freeName(folder: string): string {
  for (let number = 1; ; number++) {
    const name = join(dirname(folder), `${basename(folder)}.${number}`);
    if (!existsSync(name)) return name;
  }
}
