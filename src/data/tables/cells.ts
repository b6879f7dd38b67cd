import { isUtf8 } from 'node:buffer';
import type { Split } from '../types.js';
import { excerpt, isObject } from './json.js';
import { plainText } from './plain-text.js';
import type { Row } from './row.js';
import type { NoteLine } from './text-blocks.js';

/** What stands for nothing in exports of databases, pandas, R and Excel. */
const absent = new Set([
  'NULL',
  'null',
  '\\N',
  'NaN',
  'nan',
  'None',
  'N/A',
  'n/a',
  'NA',
  '<NA>',
  '#N/A',
  '#NA',
  'NaT',
  'undefined',
  '-',
  '--',
  '—',
]);

/** Whether a text stands for nothing. */
export const isAbsent = (text: string): boolean => absent.has(text.trim());

/** A cell as text without HTML; undefined if empty. A number in a text column is converted to text and noted. */
export function textCell(row: Row, column: string | undefined, note: NoteLine): string | undefined {
  const value = column === undefined ? undefined : row.values[column];
  if (isScalar(value)) note('not-text', row.line, `${column} is the ${typeof value} ${value}, read as text`);
  return listOf(value, column, row.line, note).join(' ') || undefined;
}

/** A cell that may contain a number (an id, a year, a level), as text; undefined if empty. */
export function labelCell(row: Row, column: string | undefined, note: NoteLine): string | undefined {
  return listOf(column === undefined ? undefined : row.values[column], column, row.line, note)[0];
}

/** A cell with a list of texts, or one text whose parts are joined by `|`. */
export function listCell(row: Row, column: string, note: NoteLine): string[] {
  const value = row.values[column];
  const parts = typeof value === 'string' && !listText(value) ? value.split('|') : value;
  return listOf(parts, column, row.line, note);
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

/**
 * The values in a cell: itself, the items of a list, of a list in JSON or as Python writes it, or the value that is tagged with a language
 * (English, or else the first).
 */
export function valuesOf(value: unknown): unknown[] {
  const list = typeof value === 'string' ? (listText(value) ?? value) : value;
  if (!Array.isArray(list)) return [taggedValue(list)];
  const tags = list.flatMap((item) =>
    isObject(item) && typeof item.language_tag === 'string' ? [item.language_tag] : [],
  );
  const language = tags.find((tag) => /^en\b/i.test(tag.replace('_', '-'))) ?? tags[0];
  const chosen = list.filter(
    (item) => !isObject(item) || item.language_tag === undefined || item.language_tag === language,
  );
  return chosen.flatMap((item) => (Array.isArray(item) ? valuesOf(item) : [taggedValue(item)]));
}

/** `{ language_tag, value }` -> the value. */
function taggedValue(value: unknown): unknown {
  return isObject(value) && 'value' in value && !isObject(value.value) ? value.value : value;
}

/** The list that a text is: `["a","b"]` or Python's `['a', 'b']`. */
export function listText(text: string): unknown[] | undefined {
  const bare = text.trim();
  if (!/^\[.*\]$/s.test(bare)) return undefined;
  for (const json of [bare, asJson(bare)]) {
    try {
      const list: unknown = JSON.parse(json);
      if (Array.isArray(list)) return list;
    } catch {
      // Ordinary text in brackets.
    }
  }
  return undefined;
}

/** Python's texts in single quotes -> JSON's. */
function asJson(python: string): string {
  return python
    .replace(/'((?:[^'\\]|\\.)*)'/g, (_, inner: string) => JSON.stringify(inner.replace(/\\(.)/g, '$1')))
    .replace(/\bNone\b/g, 'null');
}

function listOf(value: unknown, column: string | undefined, line: number, note: NoteLine): string[] {
  return valuesOf(value).flatMap((item) => asText(item, column, line, note) ?? []);
}

function asText(value: unknown, column: string | undefined, line: number, note: NoteLine): string | undefined {
  if (typeof value === 'string') return shown(value, column, line, note);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString().slice(0, 10);
  if (value instanceof Uint8Array && isUtf8(value))
    return shown(Buffer.from(value).toString('utf8'), column, line, note);
  if (isScalar(value)) return Number.isNaN(value) ? undefined : String(value);
  if (isObject(value) || Array.isArray(value)) note('records', line, `${column} holds records, which are left out`);
  else if (value !== undefined && value !== null) {
    const what = value instanceof Uint8Array ? `${value.length} bytes` : excerpt(inJson(value));
    note('not-text', line, `${column} is ${what}, expected text; left out`);
  }
  return undefined;
}

const inJson = (value: unknown) =>
  JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? typeof value;

function shown(text: string, column: string | undefined, line: number, note: NoteLine): string | undefined {
  const bare = plainText(text.replaceAll('\0', ''));
  if (isAbsent(bare)) {
    note('absent-value', line, `${column} is ${bare}, read as absent`);
    return undefined;
  }
  // pandas writes whole numbers of a column with gaps so.
  return (/^\d{1,15}\.0$/.test(bare) ? bare.slice(0, -2) : bare) || undefined;
}

function isScalar(value: unknown): value is number | bigint | boolean {
  return ['number', 'bigint', 'boolean'].includes(typeof value);
}
