import { fromHeader, type TableRecord } from './header.js';
import { excerpt } from './json.js';
import type { Row } from './row.js';
import type { NoteLine } from './text-blocks.js';

/** Reads the records of a table from the first on. */
export type RecordReader = (note: NoteLine) => Iterable<TableRecord> | AsyncIterable<TableRecord>;

/** The names that the header gives; empty for a table without records. */
export async function recordColumns(read: RecordReader): Promise<string[]> {
  const quiet = () => {};
  for await (const { cells } of fromHeader(read(quiet), quiet)) return header(cells);
  return [];
}

/**
 * Rows of records, the first of which names the columns.
 * @param freeText a column that takes the surplus of a row with too many cells: its commas were not quoted
 */
export async function* recordRows(read: RecordReader, note: NoteLine, freeText?: string): AsyncGenerator<Row> {
  let names: string[] | undefined;
  for await (const record of fromHeader(read(note), note)) {
    if (names) {
      const cells = fitCells(record, names, freeText, note);
      yield { line: record.line, values: Object.fromEntries(names.map((name, index) => [name, cells[index]])) };
    } else {
      names = header(record.cells);
      noteRepeatedColumns(names, record.line, note);
    }
  }
}

const header = (cells: readonly unknown[]) => cells.map((name) => String(name ?? '').trim());

function fitCells(
  { line, cells }: TableRecord,
  names: string[],
  freeText: string | undefined,
  note: NoteLine,
): unknown[] {
  const surplus = cells.length - names.length;
  const at = freeText === undefined ? -1 : names.indexOf(freeText);
  if (surplus === 0) return cells;
  if (surplus < 0) {
    note('too-few-columns', line, `${cells.length} of ${names.length} columns; the last ones are read as empty`);
    return cells;
  }
  if (at < 0) {
    const dropped = cells.slice(names.length).join(',');
    note('too-many-columns', line, `${cells.length} columns, expected ${names.length}; not read: ${excerpt(dropped)}`);
    return cells;
  }
  const joined = cells.slice(at, at + surplus + 1).join(',');
  note(
    'unquoted-comma',
    line,
    `${cells.length} columns, expected ${names.length}; ${freeText} is read as ${excerpt(joined)}`,
  );
  return [...cells.slice(0, at), joined, ...cells.slice(at + surplus + 1)];
}

function noteRepeatedColumns(names: string[], line: number, note: NoteLine): void {
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  for (const name of repeated) note('duplicate-column', line, `column ${excerpt(name)} comes twice; the last is read`);
}
