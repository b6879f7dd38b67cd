import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { groupBy } from '../../data/group-by.js';
import { splitNamed } from '../../data/tables/cells.js';
import { tableKind, uncertainKinds } from '../../data/tables/table-kind.js';
import type { Split } from '../../data/types.js';

/** The tables that a path refers to, relative to the folder in which their images are looked up. */
export interface TableFiles {
  folder: string;
  files: string[];
}

/** Subfolders are searched this deep: `data/train-00000-of-00002.parquet`, `listings/metadata/listings_0.json.gz`. */
const DEPTH = 3;

/** Files of these names describe other files. */
const descriptions =
  /^(?:(readme|license|licence|dataset_infos?|state|config|package(-lock)?|tsconfig|requirements|robots|shop|study)\.(json|txt|xml)|images\.csv(\.gz)?)$/i;

/**
 * The file itself, or the sorted tables directly in the folder, or else in its subfolders. Text files and JSON, which may be anything, count where
 * there is no other table.
 */
export async function tableFiles(path: string): Promise<TableFiles> {
  const entry = await stat(path).catch(() => null);
  if (entry?.isFile()) return { folder: dirname(path), files: tableKind(path) ? [basename(path)] : [] };
  for (let depth = 0, folders = ['']; entry?.isDirectory() && depth < DEPTH && folders.length; depth++) {
    const inside = await Promise.all(folders.map((folder) => list(path, folder)));
    const names = inside.flatMap(({ files }) => files).sort();
    const certain = names.filter((name) => !uncertainKinds.includes(tableKind(name)!));
    const chosen = certain.length ? certain : names;
    if (chosen.length) return { folder: path, files: chosen };
    folders = inside.flatMap((each) => each.folders);
  }
  return { folder: path, files: [] };
}

async function list(root: string, folder: string): Promise<{ files: string[]; folders: string[] }> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
  const place = (name: string) => (folder ? `${folder}/${name}` : name);
  const isHidden = (name: string) => name.startsWith('.') || name.startsWith('_');
  const shown = entries.filter(({ name }) => !isHidden(name));
  return {
    files: shown
      .filter((each) => !each.isDirectory() && tableKind(each.name) && !descriptions.test(each.name))
      .map(({ name }) => place(name)),
    folders: shown.filter((each) => each.isDirectory()).map(({ name }) => place(name)),
  };
}

/** The tables in groups of parts of one table: their names differ in numbers, or in the names of splits. */
export const shardsOf = (files: readonly string[]): string[][] => [...groupBy(files, shardName).values()];

/** The split that the name of a file says: `train-00000-of-00002.parquet`. */
export function splitOfFile(file: string): Split | undefined {
  const [word] = /^[a-z]+/i.exec(basename(file)) ?? [];
  return word === undefined ? undefined : splitNamed(word);
}

const shardName = (file: string) => {
  // Hashes of Hugging Face and job ids of Spark, then numbers.
  const name = basename(file)
    .replace(/-[0-9a-f]{8,}(-[0-9a-f]{4,}){0,4}/gi, '')
    .replace(/(?<=[-_])[0-9a-f](?=\.)/i, '#')
    .replace(/\d+/g, '#');
  const [word] = /^[a-z]+/i.exec(name) ?? [''];
  return splitNamed(word) ? name.slice(word.length) : name;
};
