import { UserError } from '../../checks/error.js';
import { csvRecords } from './csv.js';
import { fromHeader, type TableRecord } from './header.js';
import { excerpt } from './json.js';
import { jsonLineRows, jsonRows } from './json-rows.js';
import { parquetColumns, parquetRows } from './parquet.js';
import type { Row } from './row.js';
import { tableEndings, tableKind } from './table-kind.js';
import type { NoteLine } from './text-blocks.js';
import { textFormat } from './text-format.js';
import { sheetRecords } from './xlsx.js';
import { xmlRows } from './xml.js';

export interface RowOptions {
  /** A free-text column of a CSV. If a row has too many cells, this column takes the surplus: its commas were not quoted. */
  freeText?: string;
  /** Of a text file, such as `windows-1252`. Default what it looks like. */
  encoding?: string;
}

/**
 * Read the rows of a table one by one: CSV and the like, JSON, Parquet, Excel, XML. In constant memory, but for Excel and for JSON that is one
 * document (Parquet: one row group). Whatever is repaired or skipped is noted with its line.
 * @throws UserError for another file ending, and for a text that cannot be decoded
 */
export async function* readRows(file: string, note: NoteLine, options: RowOptions = {}): AsyncGenerator<Row> {
  const kind = tableKind(file);
  if (!kind)
    throw new UserError(
      `data: got the table ${JSON.stringify(file)}, expected a file ending in ${tableEndings.join(' | ')}.`,
    );
  if (kind === 'parquet') return yield* parquetRows(file, note);
  if (kind === 'xlsx') return yield* recordRows(await sheetRecords(file, note), note, options);
  const format = await textFormat(file, options.encoding);
  if (format.encoding !== 'utf-8' && options.encoding === undefined)
    note('encoding', undefined, `read as ${format.encoding}; if letters look wrong, name another with --encoding`);
  if (kind === 'jsonl') yield* jsonLineRows(file, note, format);
  else if (kind === 'json') yield* jsonRows(file, note, format);
  else if (kind === 'xml') yield* xmlRows(file, note, format);
  else yield* recordRows(csvRecords(file, note, '', format), note, options);
}

/** Column names: the header, the schema, or the keys of the first thousand objects. Empty for an empty file. */
export async function readColumns(file: string, { encoding }: RowOptions = {}): Promise<string[]> {
  const quiet = () => {};
  const kind = tableKind(file);
  if (kind === 'parquet') return parquetColumns(file);
  if (kind === 'xlsx' || kind === 'csv' || kind === 'txt') {
    const records =
      kind === 'xlsx' ? await sheetRecords(file, quiet) : csvRecords(file, quiet, '', await textFormat(file, encoding));
    for await (const { cells } of fromHeader(records, quiet)) return header(cells);
    return [];
  }
  const names = new Set<string>();
  let rows = 0;
  for await (const { values } of readRows(file, quiet, { encoding })) {
    for (const name of Object.keys(values)) names.add(name);
    if (++rows === 1000) break;
  }
  return [...names];
}

const header = (cells: readonly unknown[]) => cells.map((name) => String(name ?? '').trim());

/** Rows of records, the first of which names the columns. */
async function* recordRows(
  records: Iterable<TableRecord> | AsyncIterable<TableRecord>,
  note: NoteLine,
  { freeText }: RowOptions,
): AsyncGenerator<Row> {
  let names: string[] | undefined;
  for await (const record of fromHeader(records, note)) {
    if (names) {
      const cells = fitCells(record, names, freeText, note);
      yield { line: record.line, values: Object.fromEntries(names.map((name, index) => [name, cells[index]])) };
    } else {
      names = header(record.cells);
      noteRepeatedColumns(names, record.line, note);
    }
  }
}

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
