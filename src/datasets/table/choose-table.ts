import { UserError } from '../../checks/error.js';
import { guessColumns } from '../../data/tables/columns.js';
import type { TableOpener } from '../../data/tables/open-table.js';
import { shardsOf, type TableFiles } from './files.js';
import { layoutOf } from './layouts/index.js';

export interface ChosenTable {
  /** The parts of the table of products. */
  files: string[];
  /** Other tables beside it, such as purchases or reviews. */
  others: string[];
}

/**
 * The table of products among several: the only one of a known layout, or else the only one with titles and without queries.
 * @throws UserError where several may be it
 */
export async function chooseTable(path: string, { files }: TableFiles, open: TableOpener): Promise<ChosenTable> {
  const tables = shardsOf(files);
  if (tables.length === 1) return { files, others: [] };
  const known: string[][] = [];
  const titled: string[][] = [];
  const plain: string[][] = [];
  for (const parts of tables) {
    const { columns } = await open(parts[0]);
    if (layoutOf(columns)) known.push(parts);
    const { title, query } = guessColumns(columns);
    if (title) titled.push(parts);
    // A log repeats the titles of its products.
    if (title && !query) plain.push(parts);
  }
  const [chosen, ...more] = [known, plain, titled].find((each) => each.length) ?? [];
  if (!chosen || more.length)
    throw new UserError(
      `data: ${JSON.stringify(path)} contains ${files.length} tables (${shortList(files)}). Give the path of one of them.`,
    );
  return { files: chosen, others: files.filter((file) => !chosen.includes(file)) };
}

const shortList = (files: readonly string[]) =>
  files.length > 5 ? `${files.slice(0, 5).join(', ')} ...` : files.join(', ');
