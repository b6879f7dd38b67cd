import { join } from 'node:path';
import { UserError } from '../../checks/error.js';
import { csvRecords } from './csv.js';
import { jsonLineRows, jsonRows } from './json-rows.js';
import { parquetColumns, parquetRows } from './parquet.js';
import { type RecordReader, recordColumns, recordRows } from './record-rows.js';
import type { Row } from './row.js';
import { tableEndings, tableKind } from './table-kind.js';
import type { NoteLine } from './text-blocks.js';
import { textFormat } from './text-format.js';
import { openSheet } from './xlsx.js';
import { xmlRows } from './xml.js';

export interface TableOptions {
  /** Of a text file, such as `windows-1252`. Default what it looks like. */
  encoding?: string;
}

/** A table whose format is known, so that it can be read several times. */
export interface Table {
  /** The header, the schema, or the keys of the first thousand objects. Empty for an empty file. */
  columns: string[];
  /**
   * Read the rows one by one, from the first on at each call. Whatever is repaired or skipped is noted with its line.
   * @param freeText a column of free text of a CSV. If a row has too many cells, it takes the surplus: its commas were not quoted.
   */
  rows(note: NoteLine, freeText?: string): AsyncGenerator<Row>;
}

/** Columns of objects are the keys of so many. */
const LOOKED_AT = 1000;

const objectRows = { jsonl: jsonLineRows, json: jsonRows, xml: xmlRows };

/**
 * Find out the format of a table: CSV and the like, JSON, Parquet, Excel, XML. Its rows are read in constant memory, but for JSON that is one
 * document and Excel, which is kept (Parquet: one row group).
 * @throws UserError for another file ending, and for a text that cannot be decoded
 */
export async function openTable(file: string, { encoding }: TableOptions = {}): Promise<Table> {
  const kind = tableKind(file);
  if (!kind)
    throw new UserError(
      `data: got the table ${JSON.stringify(file)}, expected a file ending in ${tableEndings.join(' | ')}.`,
    );
  if (kind === 'parquet') return { columns: await parquetColumns(file), rows: (note) => parquetRows(file, note) };
  if (kind === 'xlsx') return recordTable(await openSheet(file));
  const format = await textFormat(file, encoding);
  const table =
    kind === 'csv' || kind === 'txt'
      ? await recordTable((note) => csvRecords(file, note, '', format))
      : await objectTable((note) => objectRows[kind](file, note, format));
  if (format.encoding === 'utf-8' || encoding !== undefined) return table;
  return {
    ...table,
    async *rows(note, freeText) {
      note('encoding', undefined, `read as ${format.encoding}; if letters look wrong, name another with --encoding`);
      yield* table.rows(note, freeText);
    },
  };
}

/** Opens tables of a folder by their names, each once. */
export type TableOpener = (name: string) => Promise<Table>;

export function tableOpener(folder: string, options: TableOptions): TableOpener {
  const tables = new Map<string, Promise<Table>>();
  return (name) => {
    const table = tables.get(name) ?? openTable(join(folder, name), options);
    tables.set(name, table);
    return table;
  };
}

async function recordTable(read: RecordReader): Promise<Table> {
  return { columns: await recordColumns(read), rows: (note, freeText) => recordRows(read, note, freeText) };
}

async function objectTable(rows: (note: NoteLine) => AsyncGenerator<Row>): Promise<Table> {
  const names = new Set<string>();
  let count = 0;
  for await (const { values } of rows(() => {})) {
    for (const name of Object.keys(values)) names.add(name);
    if (++count === LOOKED_AT) break;
  }
  return { columns: [...names], rows };
}
