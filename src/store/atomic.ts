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
import { basename, dirname, join } from 'node:path';
import writeFile from 'write-file-atomic';
import { UserError } from '../checks/error.js';
import { isRunning, thisSystem } from './process-id.js';

const REMEDY = 'Make room or choose another folder; what was saved before is whole.';

/**
 * Write a file whole: under another name, flushed, then renamed. A reader sees the old file or the new one. Makes the folder it needs.
 * @param data its text or bytes, or what writes them to an open file
 * @param remedy what the user can do where it cannot be written, a sentence
 * @throws UserError when the disk is full or the file cannot be written; what was there before is there then
 */
export function writeFileAtomic(
  file: string,
  data: string | Uint8Array | ((handle: number) => void),
  remedy = REMEDY,
): void {
  guarded(file, remedy, () => {
    mkdirSync(dirname(file), { recursive: true });
    // The library would write to where a link leads, and a downloaded data folder may hold links to anywhere.
    if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) rmSync(file);
    // The library writes once and does not look how much was written: on a full disk half a file would count as whole.
    writeFile.sync(file, '', { tmpfileCreated: (aside) => writeAll(aside, data) });
    flush(dirname(file));
  });
}

/** Add text to the end of a file. @throws UserError when the disk is full or cannot be written; a part of the text may stand there */
export function append(file: string, text: string): void {
  guarded(file, REMEDY, () => appendFileSync(file, text));
}

/**
 * Fill a folder whole: `fill` writes into an empty folder of another name, which is flushed and renamed. What was there of this
 * name before gives way once the new one is whole.
 * @param isGood says of a folder that another process renamed first whether it can stay; none can where it is left out
 * @throws UserError when the disk is full or cannot be written; what was there before is there then
 */
export function fillFolder(
  folder: string,
  fill: (aside: string) => void,
  isGood: (folder: string) => boolean = () => false,
): void {
  const mark = `${folder}.${thisSystem()}-${process.pid}`;
  const [aside, old] = [`${mark}.part`, `${mark}.old`];
  try {
    guarded(folder, REMEDY, () => {
      mkdirSync(dirname(folder), { recursive: true });
      removeLeft(folder, 'part');
      rmSync(aside, { recursive: true, force: true });
      mkdirSync(aside);
      fill(aside);
      for (const file of readdirSync(aside, { recursive: true }) as string[]) flush(join(aside, file));
      flush(aside);
      while (!renamed(aside, folder, 'ENOTEMPTY', 'EEXIST') && !isGood(folder)) {
        rmSync(old, { recursive: true, force: true });
        renamed(folder, old, 'ENOENT');
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
  removeLeft(folder, 'old');
}

/** False where it cannot be done for one of the named reasons. */
function renamed(from: string, to: string, ...reasons: string[]): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (reasons.includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Remove what processes of this machine that have ended left beside a folder. */
function removeLeft(folder: string, ending: 'part' | 'old'): void {
  for (const name of readdirSync(dirname(folder)).filter((each) => each.startsWith(`${basename(folder)}.`))) {
    const [, system, pid, kind] = /^\.([0-9a-f]{8})-(\d+)\.(part|old)$/.exec(name.slice(basename(folder).length)) ?? [];
    if (kind === ending && isRunning({ system, pid: Number(pid), started: '' }) === false)
      rmSync(join(dirname(folder), name), { recursive: true, force: true });
  }
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

/** Errors of the disk become the user's; `target` is the name that was to be written, not one that it has on the way there. */
function guarded(target: string, remedy: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const cause = error instanceof WriteError ? error.cause : error;
    const { code } = cause as NodeJS.ErrnoException;
    if (!code) throw error;
    throw new WriteError(`${target}: cannot be written (${reasons[code] ?? code}). ${remedy}`, { cause });
  }
}

class WriteError extends UserError {}

const reasons: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'you have no right to',
  EPERM: 'you have no right to',
  EROFS: 'the disk is read-only',
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
