import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import writeFile from 'write-file-atomic';
import { UserError } from '../checks/error.js';
import { isRunning, thisSystem } from './process-id.js';

const REMEDY = 'Free disk space or choose another folder; files saved before are intact.';

/**
 * Write a file atomically: write a temporary file, flush it, then rename it. A reader sees either the old or the new file, never a part of
 * one. Creates the folder if needed.
 * @param data text or bytes, or a function that writes them to an open file handle
 * @param remedy a sentence that tells the user what to do if the file cannot be written
 * @throws UserError if the file cannot be written, e.g. because the disk is full; the old file is then unchanged
 */
export function writeFileAtomic(
  file: string,
  data: string | Uint8Array | ((handle: number) => void),
  remedy = REMEDY,
): void {
  guarded(file, remedy, () => {
    mkdirSync(dirname(file), { recursive: true });
    if (isDevice(file)) return writeAll(file, data);
    // The library follows symbolic links, and a downloaded data folder may contain links to anywhere.
    if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) rmSync(file);
    // The library writes once and ignores how many bytes were written: on a full disk it would accept half a file.
    writeFile.sync(file, '', { tmpfileCreated: (aside) => writeAll(aside, data) });
    flush(dirname(file));
  });
}

/**
 * Append text to a file.
 * @throws UserError if the file cannot be written; part of the text may then be in the file
 */
export function appendToFile(file: string, text: string): void {
  guarded(file, REMEDY, () => appendFileSync(file, text));
}

/**
 * Write a folder atomically: `fill` writes into an empty temporary folder, which is flushed and then renamed. An existing folder of this
 * name is replaced once the new one is complete.
 * @param isGood whether a folder that another process has renamed first may stay; by default it is replaced
 * @throws UserError if the folder cannot be written; the old folder is then unchanged
 */
export function writeFolderAtomic(
  folder: string,
  fill: (aside: string) => void,
  isGood: (folder: string) => boolean = () => false,
): void {
  const mark = `${folder}.${thisSystem()}-${process.pid}`;
  const [aside, old] = [`${mark}.part`, `${mark}.old`];
  try {
    guarded(folder, REMEDY, () => {
      mkdirSync(dirname(folder), { recursive: true });
      removeLeftovers(folder, 'part');
      rmSync(aside, { recursive: true, force: true });
      mkdirSync(aside);
      fill(aside);
      for (const file of readdirSync(aside, { recursive: true }) as string[]) flush(join(aside, file));
      flush(aside);
      while (!tryRename(aside, folder, 'ENOTEMPTY', 'EEXIST') && !isGood(folder)) {
        rmSync(old, { recursive: true, force: true });
        tryRename(folder, old, 'ENOENT');
      }
      flush(dirname(folder));
    });
  } catch (error) {
    if (existsSync(old) && !existsSync(folder)) renameSync(old, folder);
    throw error;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  rmSync(old, { recursive: true, force: true });
  removeLeftovers(folder, 'old');
}

/** @throws UserError for an output folder that exists */
export function requireNew(folder: string): void {
  if (existsSync(folder)) throw new UserError(`--out: ${folder} exists already. Name a folder that does not exist.`);
}

/** Rename a file or folder. Returns false if that fails with one of the given error codes. */
function tryRename(from: string, to: string, ...reasons: string[]): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (reasons.includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Remove temporary folders left by processes of this machine that have ended. */
function removeLeftovers(folder: string, ending: 'part' | 'old'): void {
  for (const name of readdirSync(dirname(folder)).filter((each) => each.startsWith(`${basename(folder)}.`))) {
    const [, system, pid, kind] = /^\.([0-9a-f]{8})-(\d+)\.(part|old)$/.exec(name.slice(basename(folder).length)) ?? [];
    if (kind === ending && isRunning({ system, pid: Number(pid), started: '' }) === false)
      rmSync(join(dirname(folder), name), { recursive: true, force: true });
  }
}

/** Whether a file is a device or a pipe, such as /dev/stdout, which is written into and not replaced. */
function isDevice(file: string): boolean {
  const isLink = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink();
  const target = statSync(file, { throwIfNoEntry: false });
  const isOther = target && !target.isFile() && !target.isDirectory();
  // A downloaded data folder may contain links to devices.
  return Boolean(isOther) && (!isLink || dirname(resolve(file)) === '/dev');
}

function writeAll(file: string, data: string | Uint8Array | ((handle: number) => void)): void {
  const handle = openSync(file, 'w');
  try {
    if (typeof data === 'function') data(handle);
    else writeFileSync(handle, data);
  } finally {
    closeSync(handle);
  }
}

/** Turn disk errors into a UserError that names `target`, the final path, not the temporary one. */
function guarded(target: string, remedy: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw writeError(target, error, remedy);
  }
}

/** The error of a disk as a UserError that names `target`; any other error as it is. */
export function writeError(target: string, error: unknown, remedy = REMEDY): unknown {
  const cause = error instanceof WriteError ? error.cause : error;
  const { code } = cause as NodeJS.ErrnoException;
  return code ? new WriteError(`${target}: cannot be written (${reasons[code] ?? code}). ${remedy}`, { cause }) : error;
}

class WriteError extends UserError {}

const reasons: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
  ENOENT: 'there is no such folder',
  ENOTDIR: 'a file is where a folder must be',
  ELOOP: 'a file is a link',
};

function flush(path: string): void {
  if (process.platform === 'win32' && statSync(path).isDirectory()) return;
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
