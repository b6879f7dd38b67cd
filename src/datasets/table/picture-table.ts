import { basename } from 'node:path';
import { labelCell } from '../../data/tables/cells.js';
import { openTable } from '../../data/tables/open-table.js';
import type { DataFolder } from '../../store/inside-folder.js';

/**
 * Where pictures are that a table names by ids: `images.csv` with the columns image_id and path, as Amazon Berkeley Objects has it, anywhere below
 * the folder. Returns a function from id to path, the id itself for one that it does not know.
 */
export async function pictureTable(folder: DataFolder): Promise<(id: string) => string> {
  const paths = new Map<string, string>();
  for await (const name of folder.walk()) {
    if (!/^images\.csv(\.gz)?$/i.test(basename(name))) continue;
    const { columns, rows } = await openTable(`${folder.root}/${name}`);
    if (!columns.includes('image_id') || !columns.includes('path')) continue;
    const quiet = () => {};
    for await (const row of rows(quiet)) {
      const [id, path] = ['image_id', 'path'].map((column) => labelCell(row, column, quiet));
      if (id && path) paths.set(id, path);
    }
  }
  return (id) => paths.get(id) ?? id;
}
