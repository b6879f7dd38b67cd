import type { Split } from '../types.js';
import { excerpt } from './json.js';
import type { Row } from './row.js';
import type { NoteLine } from './text-blocks.js';

/** A cell as trimmed text; undefined if empty. A number in a text column is converted to text and noted. */
export function textCell(row: Row, column: string | undefined, note: NoteLine): string | undefined {
  const value = column === undefined ? undefined : row.values[column];
  if (isScalar(value)) note('not-text', row.line, `${column} is the ${typeof value} ${value}, read as text`);
  return asText(value, column, row.line, note);
}

/** A cell that may contain a number (an id, a year, a level), as text; undefined if empty. */
export function labelCell(row: Row, column: string | undefined, note: NoteLine): string | undefined {
  return asText(column === undefined ? undefined : row.values[column], column, row.line, note);
}

/** A cell with a list of texts, or one text whose parts are joined by `|`. */
export function listCell(row: Row, column: string, note: NoteLine): string[] {
  const value = row.values[column];
  const items = Array.isArray(value) ? value : (labelCell(row, column, note)?.split('|') ?? []);
  return items.flatMap((item: unknown) => asText(item, column, row.line, note) ?? []);
}

/** Names of splits in columns and file names -> our names. */
const splits = new Map<string, Split>([
  ['train', 'train'],
  ['dev', 'dev'],
  ['val', 'val'],
  ['valid', 'val'],
  ['validation', 'val'],
  ['test', 'test'],
]);

/** The split for a name in the data, e.g. `Validation`; undefined if it names none. */
export function splitNamed(name: string): Split | undefined {
  return splits.get(name.toLowerCase());
}

/** The split of a row; undefined if it names none. */
export function splitCell(row: Row, column: string | undefined, note: NoteLine): Split | undefined {
  const text = labelCell(row, column, note);
  const split = text === undefined ? undefined : splitNamed(text);
  if (text !== undefined && !split) {
    note('unknown-split', row.line, `split ${excerpt(text)}, expected train | dev | val | test; ignored`);
  }
  return split;
}

function asText(value: unknown, column: string | undefined, line: number, note: NoteLine): string | undefined {
  if (typeof value === 'string') return value.trim() || undefined;
  if (isScalar(value)) return String(value);
  if (value !== undefined && value !== null) {
    note('not-text', line, `${column} is ${excerpt(JSON.stringify(value) ?? typeof value)}, expected text; left out`);
  }
  return undefined;
}

function isScalar(value: unknown): value is number | bigint | boolean {
  return ['number', 'bigint', 'boolean'].includes(typeof value);
}
