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

/** Write a file atomically, through a temporary file and a rename. Setup runs before `store/atomic.ts` is built. */
export function writeAtomic(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}.tmp`;
  writeFileSync(aside, content);
  renameSync(aside, path);
}

/** Hard-link a file to a second path, or copy it if the file system does not allow that. */
export function linkOrCopy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  const aside = `${to}.${process.pid}.tmp`;
  rmSync(aside, { force: true });
  try {
    linkSync(from, aside);
  } catch {
    copyFileSync(from, aside);
  }
  renameSync(aside, to);
  rmSync(aside, { force: true }); // renaming one hard link onto another of the same file does nothing
}

/** Hash of the names and contents of files and of all files in folders. Does not depend on where the clone is. */
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

/** The value that a finished step stored; undefined if it has not finished. */
export function readStamp(name) {
  try {
    return JSON.parse(readFileSync(stampFile(name), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Mark a step as not finished. Call it before the step, and `writeStamp` after it, so that an interrupted step is never trusted. */
export function clearStamp(name) {
  rmSync(stampFile(name), { force: true });
}

export function writeStamp(name, value) {
  writeAtomic(stampFile(name), `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * Check for free disk space.
 * @throws SetupError when there is too little
 */
export function requireDisk(folder, gigabytes, what) {
  mkdirSync(folder, { recursive: true });
  const disk = statfsSync(folder);
  const free = (disk.bavail * disk.bsize) / 1e9;
  if (free < gigabytes)
    throw new SetupError(
      `${what} needs ${gigabytes} GB of disk and ${folder} has ${free.toFixed(2)} GB.`,
      'Free some space or set MOON_CACHE to a folder on another disk, then start again.',
    );
}

/** Whether a process is running, also under another user. */
export function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Create a temporary folder beside `path` for this process. Removes those that killed processes left behind. */
export function partialFolder(path) {
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
