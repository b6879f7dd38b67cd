import { accessSync, constants, existsSync, mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { UserError } from '../checks/error.js';

/** Checks of output paths, and readable messages for errors of the file system. */

/** Check before any work that results can be written into a folder. @throws UserError that names the flag */
export function checkOutputFolder(folder: string, flag: string): void {
  const above = existingAbove(folder);
  if (!statSync(above).isDirectory())
    throw new UserError(
      resolve(folder) === above
        ? `${flag}: ${folder} is a file, expected a folder; choose another name.`
        : `${flag}: ${folder} cannot be created, since ${above} is a file; choose another folder.`,
    );
  checkWritable(above, flag);
}

/** Check before any work that a file of results can be written. @throws UserError that names the flag */
export function checkOutputFile(file: string, flag: string): void {
  const isThere = existsSync(file);
  if (!isThere) checkOutputFolder(dirname(file), flag);
  else if (statSync(file).isDirectory())
    throw new UserError(`${flag}: ${file} is a folder, expected a file; name one in it, such as ${join(file, 'new')}.`);
  else checkWritable(file, flag);
}

/**
 * Refuse to write results into the data folder, where they would later be read as data.
 * @param data path of the data; nothing is refused if it is a single file
 * @throws UserError if `folder` is `data` or inside it
 */
export function refuseInside(folder: string, data: string, flag = '--out'): void {
  if (!existsSync(data) || !statSync(data).isDirectory()) return;
  const above = realpathSync(data);
  const place = realPlace(folder);
  if (place === above || place.startsWith(above + sep))
    throw new UserError(`${flag}: ${folder} lies inside the data folder ${data}; choose a folder outside of it.`);
}

const reasons: Record<string, string> = {
  EACCES: 'you have no permission; choose a place that you can write to',
  EPERM: 'you have no permission; choose a place that you can write to',
  EROFS: 'the disk is read-only; choose a place on another disk',
  ENOSPC: 'the disk is full; free some space, or choose a place on another disk',
  EDQUOT: 'your disk quota is used up; free some space, or choose a place on another disk',
  EISDIR: 'it is a folder, expected a file; choose another name',
  ENOTDIR: 'a part of its path is a file, expected a folder; choose another place',
  EEXIST: 'it is a file, expected a folder; choose another name',
};

/** Write a file of results, and create its folder if it does not exist. */
export function writeOutput(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(file, text);
  } catch (error) {
    // The error of a full disk has no path: the write call knows only the file descriptor.
    throw Object.assign(error as Error, { path: file });
  }
}

/** One sentence for an error of the file system that the user can fix; undefined for any other error. */
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

/** The path itself if it exists, else its nearest existing ancestor. */
function existingAbove(path: string): string {
  const own = resolve(path);
  return existsSync(own) ? own : existingAbove(dirname(own));
}

/** The real path, with symbolic links resolved, of a path that may not exist yet. */
function realPlace(path: string): string {
  const own = resolve(path);
  return existsSync(own) ? realpathSync(own) : join(realPlace(dirname(own)), basename(own));
}
