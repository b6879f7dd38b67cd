import { createHash } from 'node:crypto';
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { state } from './paths.js';
import { SetupError } from './say.js';

/** Write beside and rename: a file is there whole or not at all. Setup runs before there is a build with `store/atomic.ts`, or a package. */
export function writeWhole(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}.tmp`;
  writeFileSync(aside, content);
  renameSync(aside, path);
}

/** Put a file at a second place: a hard link where the disk allows (instant, no space), else a copy made aside. */
export function place(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  const aside = `${to}.${process.pid}.tmp`;
  rmSync(aside, { force: true });
  try {
    linkSync(from, aside);
  } catch {
    copyFileSync(from, aside);
  }
  renameSync(aside, to);
  rmSync(aside, { force: true }); // a rename of one link onto another of the same file does nothing
}

/** Hash of names and contents of files, and of every file below folders: the same wherever the clone lies. */
export function hashOf(paths) {
  const hash = createHash('sha256');
  const add = (name, path) => hash.update(name).update(readFileSync(path));
  for (const path of paths) {
    if (!statSync(path).isDirectory()) add(basename(path), path);
    else
      for (const entry of readdirSync(path, { recursive: true }).sort())
        if (statSync(join(path, entry)).isFile()) add(entry, join(path, entry));
  }
  return hash.digest('hex').slice(0, 16);
}

const stampFile = (name) => join(state, 'setup', `${name}.json`);

/** What a finished step left: the value it was finished for; undefined where it never finished. */
export function readStamp(name) {
  try {
    return JSON.parse(readFileSync(stampFile(name), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Forget a step before it starts and remember it after it ended: what was interrupted is never trusted. */
export function clearStamp(name) {
  rmSync(stampFile(name), { force: true });
}

export function writeStamp(name, value) {
  writeWhole(stampFile(name), `${JSON.stringify(value, null, 2)}\n`);
}

/** Refuse to start what cannot end for lack of disk. */
export function needDisk(folder, gigabytes, what) {
  mkdirSync(folder, { recursive: true });
  const disk = statfsSync(folder);
  const free = (disk.bavail * disk.bsize) / 1e9;
  if (free < gigabytes)
    throw new SetupError(
      `${what} needs ${gigabytes} GB of disk and ${folder} has ${free.toFixed(2)} GB.`,
      'Free some space or set MOON_CACHE to a folder on another disk, then start again.',
    );
}

/** Whether a process runs (or belongs to somebody else, which is as good). */
export function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** A place beside `path` for work in progress, swept of what killed processes left there. */
export function workplace(path) {
  const [folder, name] = [dirname(path), `${basename(path)}.partial-`];
  mkdirSync(folder, { recursive: true });
  for (const entry of readdirSync(folder))
    if (entry.startsWith(name) && !isRunning(Number(entry.slice(name.length))))
      rmSync(join(folder, entry), { recursive: true, force: true });
  const own = join(folder, `${name}${process.pid}`);
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own);
  return own;
}
