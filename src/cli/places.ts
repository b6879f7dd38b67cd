import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
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
  // Rights alone do not say that a disk is full or read-only, or that nothing can be created there, as in /proc.
  probe(above, flag, () => rmdirSync(mkdtempSync(join(above, '.moon-'))));
}

/** Check before any work that a file of results can be written. @throws UserError that names the flag */
export function checkOutputFile(file: string, flag: string): void {
  const isThere = existsSync(file);
  if (!isThere) checkOutputFolder(dirname(file), flag);
  else if (statSync(file).isDirectory())
    throw new UserError(`${flag}: ${file} is a folder, expected a file; name one in it, such as ${join(file, 'new')}.`);
  else probe(file, flag, () => accessSync(file, constants.W_OK));
}

/**
 * Refuse to write results into the data folder, where they would later be read as data, or over a table of data.
 * @param data path of the data
 * @throws UserError if `place` is `data` or inside it
 */
export function refuseInside(place: string, data: string, flag = '--out'): void {
  if (!existsSync(data)) return;
  const [above, real] = [realpathSync(data), realPlace(place)];
  if (real === above && statSync(data).isFile())
    throw new UserError(`${flag}: ${place} is the table of the data; choose another name.`);
  if (real === above || real.startsWith(above + sep))
    throw new UserError(`${flag}: ${place} lies inside the data folder ${data}; choose a folder outside of it.`);
}

const reasons: Record<string, string> = {
  EACCES: 'you have no permission; choose a place that you can write to',
  EPERM: 'you have no permission; choose a place that you can write to',
  EROFS: 'the disk is read-only; choose a place on another disk',
  ENOSPC: 'the disk is full; free some space, or choose a place on another disk',
  EDQUOT: 'your disk quota is used up; free some space, or choose a place on another disk',
  EISDIR: 'it is a folder, expected a file; choose another name',
  ENOTDIR: 'a part of its path is a file, expected a folder; choose another place',
  ENAMETOOLONG: 'its name is too long; choose a shorter one',
  EEXIST: 'it is a file, expected a folder; choose another name',
};

/** Write a file of results, and create its folder if it does not exist. */
export function writeOutput(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw withPath(error, file);
  }
}

/** The error of a full disk has no path, since the call that writes knows only a number; this one has. */
export function withPath(error: unknown, path: string): unknown {
  const { code, path: own } = error as NodeJS.ErrnoException;
  return code && !own ? Object.assign(error as Error, { path }) : error;
}

/** One sentence for an error of the file system that the user can fix; undefined for any other error. */
export function fileErrorText(error: unknown): string | undefined {
  const { code, path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  const reason = code && Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  return reason && `${dest ?? path ?? 'output'} cannot be written or read (${code}): ${reason}.`;
}

function probe(place: string, flag: string, attempt: () => void): void {
  try {
    attempt();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const other = `${place} cannot be written (${code}): nothing can be created there; choose another place.`;
    throw new UserError(`${flag}: ${fileErrorText({ code, path: place }) ?? other}`);
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
