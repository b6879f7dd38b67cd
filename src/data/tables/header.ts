import type { NoteLine } from './text-blocks.js';

export interface TableRecord {
  line: number;
  cells: unknown[];
}

/** Records that are looked at to find the header. */
const LOOKED_AT = 20;

/** Rows that most records of a table must fill, so that a line of one cell above them is no header. */
const WIDE = 3;

/**
 * Without the lines above the header of a wide table, such as its title and a date: records of a single filled cell. Each is noted.
 */
export async function* fromHeader(
  records: Iterable<TableRecord> | AsyncIterable<TableRecord>,
  note: NoteLine,
): AsyncGenerator<TableRecord> {
  let first: TableRecord[] | undefined = [];
  for await (const record of records) {
    if (!first) yield record;
    else if (first.push(record) === LOOKED_AT) {
      yield* withoutTitle(first, note);
      first = undefined;
    }
  }
  if (first) yield* withoutTitle(first, note);
}

function withoutTitle(records: TableRecord[], note: NoteLine): TableRecord[] {
  const counts = records.map(({ cells }) => cells.filter((cell) => String(cell ?? '').trim() !== '').length);
  const typical = counts.toSorted((a, b) => a - b)[counts.length >> 1] ?? 0;
  const header = counts.findIndex((count) => count > 1);
  if (typical < WIDE || header < 1) return records;
  for (const { line } of records.slice(0, header)) note('above-header', line, 'a line above the header is not read');
  return records.slice(header);
}
