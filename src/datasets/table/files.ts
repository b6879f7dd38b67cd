import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { tableEndings } from '../../data/tables/read-rows.js';

/** The tables that a path refers to: the file itself, or the sorted tables directly in the folder. */
export async function tableFiles(path: string): Promise<{ folder: string; files: string[] }> {
  const isTable = (file: string) => tableEndings.includes(extname(file).toLowerCase());
  const entry = await stat(path).catch(() => null);
  if (entry?.isFile()) return { folder: dirname(path), files: isTable(path) ? [basename(path)] : [] };
  const entries = entry?.isDirectory() ? await readdir(path, { withFileTypes: true }) : [];
  const names = entries.filter((each) => !each.isDirectory()).map(({ name }) => name);
  return { folder: path, files: names.filter(isTable).sort() };
}
