import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { UserError } from '../checks/error.js';

/** What a name in a data file leads to: a plain file inside the folder, or why it is none. */
export type Found = { path: string } | { problem: 'missing' | 'outside-folder' | 'not-a-file' };

/** A data folder that nothing leaves: neither `../` nor an absolute name nor a symbolic link. */
export interface DataFolder {
  /** Absolute, with symbolic links resolved. */
  root: string;
  /** The absolute path of a plain file, given relative to the folder. */
  find(name: string): Promise<Found>;
  /** Names in a subfolder, sorted; empty where it is missing or lies outside. */
  names(subfolder: string): Promise<string[]>;
  /** The form in which a file is named in issues and image ids: relative, with forward slashes. */
  nameOf(path: string): string;
}

type Entries = Map<string, Dirent>;

/**
 * Open a folder. Each subfolder is listed once, so that a table with a million images costs no million system calls.
 * @throws UserError when the folder cannot be opened
 */
export async function openFolder(path: string): Promise<DataFolder> {
  const root = await realpath(path).catch(() => {
    throw new UserError(`data folder: got ${JSON.stringify(path)}, expected a folder that exists.`);
  });
  const isInside = (file: string) => file.startsWith(root.endsWith(sep) ? root : root + sep);
  const listings = new Map<string, Promise<Entries | 'outside-folder'>>();

  async function readEntries(folder: string): Promise<Entries | 'outside-folder'> {
    const real = await realpath(folder).catch(() => null);
    if (real === null) return new Map();
    if (real !== root && !isInside(real)) return 'outside-folder';
    const entries = await readdir(real, { withFileTypes: true }).catch(() => []);
    return new Map(entries.map((entry) => [entry.name, entry]));
  }

  function list(folder: string): Promise<Entries | 'outside-folder'> {
    let listing = listings.get(folder);
    if (!listing) {
      listing = readEntries(folder);
      listings.set(folder, listing);
    }
    return listing;
  }

  async function follow(link: string): Promise<Found> {
    const target = await realpath(link).catch(() => null);
    if (target === null) return { problem: 'missing' };
    if (!isInside(target)) return { problem: 'outside-folder' };
    return (await stat(target)).isFile() ? { path: target } : { problem: 'not-a-file' };
  }

  return {
    root,
    async find(name) {
      if (name.includes('\0')) return { problem: 'missing' };
      const path = resolve(root, name);
      if (path === root) return { problem: 'not-a-file' };
      if (!isInside(path)) return { problem: 'outside-folder' };
      const entries = await list(dirname(path));
      if (entries === 'outside-folder') return { problem: 'outside-folder' };
      const entry = entries.get(basename(path));
      if (!entry) return { problem: 'missing' };
      if (entry.isSymbolicLink()) return follow(path);
      return entry.isFile() ? { path } : { problem: 'not-a-file' };
    },
    async names(subfolder) {
      const path = resolve(root, subfolder);
      if (path !== root && !isInside(path)) return [];
      const entries = await list(join(path));
      return entries === 'outside-folder' ? [] : [...entries.keys()].sort();
    },
    nameOf: (path) => relative(root, path).split(sep).join('/'),
  };
}
