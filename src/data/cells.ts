import { excerpt } from './json.js';
import type { Row } from './read-rows.js';
import type { NoteLine } from './text-blocks.js';
import type { Split } from './types.js';

/** A cell as trimmed text; undefined when it is empty. A number where text stands is read as its digits and noted. */
export function textCell({ values, line }: Row, column: string | undefined, note: NoteLine): string | undefined {
  const value = column === undefined ? undefined : values[column];
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    note('not-text', line, `${column} is the ${typeof value} ${value}, read as text`);
    return String(value);
  }
  return plainText(value, column, line, note);
}

/** A cell that may well be a number (an id, a year, a level), as text; undefined when it is empty. */
export function labelCell({ values, line }: Row, column: string | undefined, note: NoteLine): string | undefined {
  const value = column === undefined ? undefined : values[column];
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  return plainText(value, column, line, note);
}

/** A list of texts, or one text whose parts are joined by `|`. */
export function listCell(row: Row, column: string, note: NoteLine): string[] {
  const value = row.values[column];
  if (Array.isArray(value)) {
    return value.flatMap(
      (item, index) => labelCell({ line: row.line, values: { [index]: item } }, `${index}`, note) ?? [],
    );
  }
  const text = labelCell(row, column, note);
  return text === undefined ? [] : text.split('|').flatMap((part) => part.trim() || []);
}

/** Written in split columns and file names -> ours. */
const splits = new Map<string, Split>([
  ['train', 'train'],
  ['dev', 'dev'],
  ['val', 'val'],
  ['valid', 'val'],
  ['validation', 'val'],
  ['test', 'test'],
]);

/** The split that a name in the data means, e.g. `Validation`; undefined when it means none. */
export function splitNamed(name: string): Split | undefined {
  return splits.get(name.toLowerCase());
}

/** The split of a row; undefined when it names none. */
export function splitCell(row: Row, column: string | undefined, note: NoteLine): Split | undefined {
  const text = labelCell(row, column, note);
  const split = text === undefined ? undefined : splitNamed(text);
  if (text !== undefined && !split) {
    note('unknown-split', row.line, `split ${excerpt(text)}, expected train | dev | val | test; ignored`);
  }
  return split;
}

function plainText(value: unknown, column: string | undefined, line: number, note: NoteLine): string | undefined {
  if (typeof value === 'string') return value.trim() || undefined;
  if (value !== undefined && value !== null) {
    note('not-text', line, `${column} is ${excerpt(JSON.stringify(value) ?? typeof value)}, expected text; left out`);
  }
  return undefined;
}
