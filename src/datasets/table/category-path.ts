import { labelCell, listCell, listText, valuesOf } from '../../data/tables/cells.js';
import { isObject } from '../../data/tables/json.js';
import type { Row } from '../../data/tables/row.js';
import type { NoteLine } from '../../data/tables/text-blocks.js';

/**
 * The category path of a row, root to leaf. Several columns hold a level each. One column holds a path as text, a list of levels, or a list of
 * paths, of which the longest is used.
 */
export function categoryPath(row: Row, columns: readonly string[], note: NoteLine): string[] {
  if (columns.length > 1) return columns.flatMap((column) => labelCell(row, column, note) ?? []);
  return columns.flatMap((column) => {
    const value = row.values[column];
    if (isObject(value) && !('value' in value)) return splitPath(nameOf(value));
    const list = Array.isArray(value) ? value : typeof value === 'string' ? listText(value) : undefined;
    const paths = list?.filter(Array.isArray) ?? [];
    if (paths.length) return longest(paths.map((path) => listCell(withValue(row, column, path), column, note)));
    if (list?.some(isObject)) return longest(valuesOf(list).map((item) => splitPath(nameOf(item))));
    if (list) return listCell(row, column, note).flatMap((level) => splitPath(level));
    return splitPath(labelCell(row, column, note) ?? '');
  });
}

/** `Home > Kitchen`, `Home | Kitchen`, `Home / Kitchen`, `/Home/Kitchen` -> levels. */
export function splitPath(path: string): string[] {
  const bare = path.trim();
  const parts = bare.startsWith('/') ? bare.split('/') : bare.split(/\s*[>|»›]\s*|\s+\/\s+/);
  return parts.flatMap((part) => part.trim() || []);
}

/** The longest of several paths, the first of equally long ones. */
export const longest = (paths: readonly string[][]): string[] =>
  paths.reduce((best, path) => (path.length > best.length ? path : best), []);

const withValue = (row: Row, column: string, value: unknown): Row => ({ ...row, values: { [column]: value } });

/** `{ node_name: '/Home/Kitchen' }`, `{ name: 'Kitchen' }` -> the text. */
function nameOf(item: unknown): string {
  if (!isObject(item)) return typeof item === 'string' ? item : '';
  const [, name] =
    Object.entries(item).find(([key, value]) => /name|path|title/i.test(key) && typeof value === 'string') ?? [];
  return typeof name === 'string' ? name : '';
}
