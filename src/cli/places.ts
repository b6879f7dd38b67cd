import { accessSync, constants, existsSync, mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { UserError } from '../checks/error.js';

/** Refuse before any work what could not be written after it. @throws UserError that names the flag */
export function checkOutputFolder(folder: string, flag: string): void {
  const above = existingAbove(folder);
  if (!statSync(above).isDirectory())
    throw new UserError(
      resolve(folder) === above
        ? `${flag}: ${folder} is a file, expected a folder; choose another name.`
        : `${flag}: ${folder} cannot be made, since ${above} is a file; choose another folder.`,
    );
  checkWritable(above, flag);
}

/** @throws UserError that names the flag */
export function checkOutputFile(file: string, flag: string): void {
  const isThere = existsSync(file);
  if (!isThere) checkOutputFolder(dirname(file), flag);
  else if (statSync(file).isDirectory())
    throw new UserError(`${flag}: ${file} is a folder, expected a file; name one in it, such as ${join(file, 'new')}.`);
  else checkWritable(file, flag);
}

/**
 * Results among the data would be read as data the next time.
 * @param data the folder of the data; a single file has none
 * @throws UserError where `folder` is `data` or lies inside it
 */
export function refuseInside(folder: string, data: string, flag = '--out'): void {
  if (!existsSync(data) || !statSync(data).isDirectory()) return;
  const above = realpathSync(data);
  const place = realPlace(folder);
  if (place === above || place.startsWith(above + sep))
    throw new UserError(`${flag}: ${folder} lies inside the data folder ${data}; choose a folder outside of it.`);
}

const reasons: Record<string, string> = {
  EACCES: 'you have no right to it; choose a place of your own',
  EPERM: 'you have no right to it; choose a place of your own',
  EROFS: 'the disk is read-only; choose a place on another one',
  ENOSPC: 'the disk is full; free some space, or choose a place on another disk',
  EDQUOT: 'your quota of the disk is used up; free some space, or choose a place on another disk',
  EISDIR: 'it is a folder, expected a file; choose another name',
  ENOTDIR: 'a part of its path is a file, expected a folder; choose another place',
  EEXIST: 'it is a file, expected a folder; choose another name',
};

/** Write a file of results; its folder is made where it is missing. */
export function writeOutput(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(file, text);
  } catch (error) {
    // A full disk is found out by a write, which knows no path.
    throw Object.assign(error as Error, { path: file });
  }
}

/** An error of the file system that a user can mend, in one sentence; undefined for any other. */
export function fileErrorText(error: unknown): string | undefined {
  const { code, path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  const reason = code && Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  return reason && `${dest ?? path ?? 'output'} cannot be written or read (${code}): ${reason}.`;
}

function checkWritable(place: string, flag: string): void {
  try {
    accessSync(place, constants.W_OK);
  } catch (error) {
    throw new UserError(`${flag}: ${fileErrorText(error) ?? (error as Error).message}`);
  }
}

/** The path itself, or the nearest folder above it that is there. */
function existingAbove(path: string): string {
  const own = resolve(path);
  return existsSync(own) ? own : existingAbove(dirname(own));
}

/** Where a path leads that may not be there yet, with symbolic links followed. */
function realPlace(path: string): string {
  const own = resolve(path);
  return existsSync(own) ? realpathSync(own) : join(realPlace(dirname(own)), basename(own));
}
