import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { UserError } from '../checks/error.js';

/** Why a file name in the data refers to no file. */
export interface NotFound {
  problem: 'missing' | 'outside-folder' | 'not-a-file';
}

/** What a file name in the data refers to: a plain file inside the folder, or why not. */
export type Found = { path: string } | NotFound;

/** A data folder that confines file names to itself: `../`, absolute paths and symbolic links cannot lead outside. */
export interface DataFolder {
  /** Absolute path with symbolic links resolved. */
  root: string;
  /** Resolve a path relative to the folder to the absolute path of a plain file. */
  find(name: string): Promise<Found>;
  /** Paths of all plain files below the folder, relative to it, sorted within each subfolder. Hidden folders are left out. */
  walk(): AsyncGenerator<string>;
  /** Sorted names in a subfolder; empty if it is missing or lies outside the folder. */
  names(subfolder: string): Promise<string[]>;
  /** The name of a file in issues and image ids: relative to the folder, with forward slashes. */
  nameOf(path: string): string;
}

type Entries = Map<string, Dirent>;

/**
 * Open a data folder. Each subfolder is listed once, so that a table with a million images does not cost a million system calls.
 * @param followed a further folder that symbolic links may lead to, such as another disk
 * @throws UserError if a folder cannot be opened
 */
export async function openFolder(path: string, followed?: string): Promise<DataFolder> {
  const [root, ...others] = await Promise.all(
    [path, ...(followed === undefined ? [] : [followed])].map((each) =>
      realpath(each).catch(() => {
        throw new UserError(`data folder: got ${JSON.stringify(each)}, expected a folder that exists.`);
      }),
    ),
  );
  const isBelow = (file: string, folder: string) => file.startsWith(folder.endsWith(sep) ? folder : folder + sep);
  const isInside = (file: string) => isBelow(file, root);
  /** Where a link may lead. */
  const isAllowed = (file: string) => [root, ...others].some((folder) => file === folder || isBelow(file, folder));
  const listings = new Map<string, Promise<Entries | 'outside-folder'>>();

  async function readEntries(folder: string): Promise<Entries | 'outside-folder'> {
    const real = await realpath(folder).catch(() => null);
    if (real === null) return new Map();
    if (!isAllowed(real)) return 'outside-folder';
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
    if (!isAllowed(target)) return { problem: 'outside-folder' };
    if (!(await stat(target)).isFile()) return { problem: 'not-a-file' };
    // A file elsewhere is known by its link, which lies inside the folder.
    return { path: isInside(target) ? target : link };
  }

  async function* walk(folder: string, seen: ReadonlySet<string>): AsyncGenerator<string> {
    const real = await realpath(folder).catch(() => null);
    if (real === null || seen.has(real) || !isAllowed(real)) return;
    const within = new Set([...seen, real]);
    const entries = await readdir(real, { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      const target = entry.isSymbolicLink() ? await stat(path).catch(() => null) : entry;
      if (target?.isDirectory()) {
        if (!entry.name.startsWith('.')) yield* walk(path, within);
      } else if (target?.isFile() && (!entry.isSymbolicLink() || 'path' in (await follow(path)))) yield nameOf(path);
    }
  }

  const nameOf = (path: string) => relative(root, path).split(sep).join('/');

  return {
    root,
    walk: () => walk(root, new Set()),
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
    nameOf,
  };
}
