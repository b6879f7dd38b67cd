import { openTable } from './open-table.js';
import type { Row } from './row.js';
import type { NoteLine } from './text-blocks.js';

/** The rows of a table that is read once. See `openTable` and `Table.rows`. */
export async function* readRows(file: string, note: NoteLine): AsyncGenerator<Row> {
  yield* (await openTable(file)).rows(note);
}
