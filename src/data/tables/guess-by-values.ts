import { imageEnding } from '../images/image-endings.js';
import { isAbsent, valuesOf } from './cells.js';
import type { ColumnMap } from './columns.js';
import { isObject } from './json.js';
import { plainName, saysNothing } from './usual-columns.js';

/** What a column of unknown name is found to hold by its values. */
type Content = 'image' | 'unread' | 'code' | 'text' | 'other';

const unread = [
  saysNothing,
  // Money with a currency or cents, percentages.
  /^[€$£¥₽₩]\s?\d[\d.,' ]*$|^\d[\d.,' ]*\s?([€$£¥₽₩元円원]|EUR|USD|GBP|CHF|CNY|JPY|PLN|%)$|^\d+[.,]\d\d$/i,
  // Dates and times.
  /^\d{4}-\d\d-\d\d([T ].*)?$|^\d{1,2}[./]\d{1,2}[./]\d{2,4}$/,
];

/** How many values a column needs before they say anything. */
const MIN_VALUES = 5;

/** Mean length of titles at most, in characters. */
const SHORT = 120;

/**
 * Correct a guess from the header by the values of the first rows. A column of picture names holds the pictures, one of unique codes the id, and
 * the longest of different texts the title, where no header says which does. Links, barcodes, money, dates, unique codes and a value that is always
 * the same are no attributes.
 * @param rows the first rows of the table
 */
export function guessByValues(map: ColumnMap, rows: readonly Record<string, unknown>[]): ColumnMap {
  const columns = new Map(map.attributes.map((name) => [name, look(rows.map((row) => row[name]))]));
  const holding = (content: Content) => map.attributes.filter((name) => columns.get(name)?.content === content);
  const image = map.image.length ? map.image : holding('image');
  const id = map.id ?? holding('code')[0] ?? ignoredCode(map, rows);
  const titles = holding('text').toSorted((a, b) => columns.get(b)!.length - columns.get(a)!.length);
  const short = map.description !== undefined && look(rows.map((row) => row[map.description!])).length <= SHORT;
  const title =
    map.title ??
    titles.find((name) => columns.get(name)!.length <= SHORT) ??
    (short ? map.description : undefined) ??
    titles.at(-1);
  const used = new Set([id, title, ...image]);
  const dropped = [...holding('unread'), ...holding('code'), ...holding('image')].filter((name) => !used.has(name));
  return {
    ...map,
    ...(id !== undefined && { id }),
    ...(title !== undefined && { title }),
    ...(title === map.description && { description: undefined }),
    image,
    attributes: map.attributes.filter((name) => !used.has(name) && !dropped.includes(name)),
    ignored: [...map.ignored.filter((name) => name !== id), ...dropped],
  };
}

/** A stock number is no attribute, but the id of a table that has no other. */
function ignoredCode({ ignored }: ColumnMap, rows: readonly Record<string, unknown>[]): string | undefined {
  const codes = ignored.filter((name) => look(rows.map((row) => row[name])).content === 'code');
  return codes.find((name) => /code|sku|mpn/.test(plainName(name)));
}

function look(cells: readonly unknown[]): { content: Content; length: number } {
  const all = cells.flatMap(valuesOf);
  if (all.some((value) => value instanceof Date)) return { content: 'unread', length: 0 };
  if (all.some(isObject)) return { content: 'other', length: 0 };
  const values = all
    .flatMap((value) => (value === null || value === undefined ? [] : [String(value).trim()]))
    .filter((value) => value !== '' && !isAbsent(value));
  const distinct = new Set(values).size;
  const length = values.reduce((sum, value) => sum + value.length, 0) / Math.max(1, values.length);
  if (values.length < MIN_VALUES) return { content: 'other', length };
  const most = (fits: (value: string) => boolean) => values.filter(fits).length >= 0.8 * values.length;
  const contentOf = (): Content => {
    if (most((value) => value.split(/[|;,]\s*/).every((part) => imageEnding.test(part)))) return 'image';
    if (unread.some((pattern) => most((value) => pattern.test(value)))) return 'unread';
    if (distinct === 1 && values.length === cells.length && values.length >= 4 * MIN_VALUES) return 'unread';
    const isUnique = distinct === values.length && values.length === cells.length;
    if (isUnique && most((value) => /\d/.test(value) && /^[\w./-]{1,64}$/.test(value))) return 'code';
    if (distinct >= 0.7 * values.length && most((value) => /\p{L}{2}/u.test(value))) return 'text';
    return 'other';
  };
  return { content: contentOf(), length };
}
