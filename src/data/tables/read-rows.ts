import { extname } from 'node:path';
import { UserError } from '../../checks/error.js';
import { type CsvRecord, csvRecords } from './csv.js';
import { excerpt, parseObject } from './json.js';
import { parquetColumns, parquetRows } from './parquet.js';
import type { Row } from './row.js';
import { type NoteLine, textBlocks } from './text-blocks.js';

export interface RowOptions {
  /** A free-text column of a CSV. If a row has too many cells, this column takes the surplus: its commas were not quoted. */
  freeText?: string;
}

/** File endings that `readRows` supports. */
export const tableEndings = ['.csv', '.tsv', '.jsonl', '.ndjson', '.parquet'];

/**
 * Read the rows of a CSV, JSONL or Parquet file one by one, in constant memory (Parquet: one row group). Whatever is repaired or skipped is
 * noted with its line.
 * @throws UserError for another file ending
 */
export function readRows(file: string, note: NoteLine, options: RowOptions = {}): AsyncGenerator<Row> {
  switch (extname(file).toLowerCase()) {
    case '.csv':
    case '.tsv':
      return csvRows(file, note, options);
    case '.jsonl':
    case '.ndjson':
      return jsonRows(file, note);
    case '.parquet':
      return parquetRows(file, note);
    default:
      throw new UserError(
        `data: got the table ${JSON.stringify(file)}, expected a file ending in ${tableEndings.join(' | ')}.`,
      );
  }
}

/** Column names: the header, the schema, or the keys of the first thousand objects. Empty for an empty file. */
export async function readColumns(file: string): Promise<string[]> {
  const quiet = () => {};
  if (extname(file).toLowerCase() === '.parquet') return parquetColumns(file);
  if (/\.[ct]sv$/i.test(file)) {
    for await (const { cells } of csvRecords(file, quiet)) return cells.map((cell) => cell.trim());
    return [];
  }
  const names = new Set<string>();
  let rows = 0;
  for await (const { values } of readRows(file, quiet)) {
    for (const name of Object.keys(values)) names.add(name);
    if (++rows === 1000) break;
  }
  return [...names];
}

async function* jsonRows(file: string, note: NoteLine): AsyncGenerator<Row> {
  for await (const block of textBlocks(file, note)) {
    let line = block.line;
    for (const text of block.text.split('\n')) {
      if (text.trim() !== '') {
        const values = parseObject(text, line, note);
        if (values) yield { line, values };
      }
      line++;
    }
  }
}

async function* csvRows(file: string, note: NoteLine, { freeText }: RowOptions): AsyncGenerator<Row> {
  let header: string[] | undefined;
  for await (const record of csvRecords(file, note)) {
    if (header) {
      const cells = fitCells(record, header, freeText, note);
      yield { line: record.line, values: Object.fromEntries(header.map((name, index) => [name, cells[index]])) };
    } else {
      header = record.cells.map((name) => name.trim());
      noteRepeatedColumns(header, record.line, note);
    }
  }
}

function fitCells(
  { line, cells }: CsvRecord,
  header: string[],
  freeText: string | undefined,
  note: NoteLine,
): string[] {
  const surplus = cells.length - header.length;
  const at = freeText === undefined ? -1 : header.indexOf(freeText);
  if (surplus === 0) return cells;
  if (surplus < 0) {
    note('too-few-columns', line, `${cells.length} of ${header.length} columns; the last ones are read as empty`);
    return cells;
  }
  if (at < 0) {
    const dropped = cells.slice(header.length).join(',');
    note('too-many-columns', line, `${cells.length} columns, expected ${header.length}; not read: ${excerpt(dropped)}`);
    return cells;
  }
  const joined = cells.slice(at, at + surplus + 1).join(',');
  note(
    'unquoted-comma',
    line,
    `${cells.length} columns, expected ${header.length}; ${freeText} is read as ${excerpt(joined)}`,
  );
  return [...cells.slice(0, at), joined, ...cells.slice(at + surplus + 1)];
}

function noteRepeatedColumns(header: string[], line: number, note: NoteLine): void {
  const repeated = header.filter((name, index) => header.indexOf(name) !== index);
  for (const name of repeated) note('duplicate-column', line, `column ${excerpt(name)} comes twice; the last is read`);
}
