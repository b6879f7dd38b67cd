import { isObject } from '../../../data/tables/json.js';

/** An attribute with its value, or several. */
export type Named<Value = unknown> = [name: string, value: Value];

/** `{ colour: 'red', size: 'L' }` and `[{ name: 'colour', value: 'red' }]` hold attributes; any other value is one. */
export function namedValues(column: string, value: unknown): Named[] {
  const isRecord = isObject(value) && !(value instanceof Date) && !(value instanceof Uint8Array);
  if (isRecord && !('value' in value) && !('bytes' in value)) return Object.entries(value);
  if (typeof value === 'string') return namedInText(column, value) ?? [[column, value]];
  if (!Array.isArray(value) || !value.length) return [[column, value]];
  const pairs = value.map((item) => (isObject(item) && !('language_tag' in item) ? namedValue(item) : undefined));
  return pairs.every((pair) => pair !== undefined) ? pairs : [[column, value]];
}

function namedValue(item: Record<string, unknown>): Named | undefined {
  const name = ['name', 'key', 'label', 'attribute', 'code']
    .map((key) => item[key])
    .find((each) => typeof each === 'string');
  const value = ['values', 'value', 'options'].map((key) => item[key]).find((each) => each !== undefined);
  return typeof name === 'string' && value !== undefined ? [name, value] : undefined;
}

/** `Colour:red:1:0, Fabric:linen:2:0` in a column such as PrestaShop's `Feature (Name:Value:Position:Customized)`. */
function namedInText(column: string, text: string): Named[] | undefined {
  if (!/\bname\s*:\s*value\b/i.test(column)) return undefined;
  return joined(
    text.split(/[,|;]/).flatMap((part): [string, string][] => {
      const [name, value] = part.split(':').map((each) => each.trim());
      return name && value ? [[name, value]] : [];
    }),
  );
}

/** `General:Fabric:linen, General:Fit:slim`: a section, a name and a value each, as Google Merchant writes details. */
export const detailsInText = (text: string): Named<string[]>[] =>
  joined(
    text.split(/,(?=[^,:]*:[^,:]*:)/).flatMap((part): [string, string][] => {
      const [, name, ...value] = part.split(':').map((each) => each.trim());
      return name && value.length ? [[name, value.join(':')]] : [];
    }),
  );

/** One entry a name, with all of its values. */
export function joined(pairs: readonly (readonly [string, string])[]): Named<string[]>[] {
  const all = new Map<string, string[]>();
  for (const [name, value] of pairs) all.set(name, [...(all.get(name) ?? []), value]);
  return [...all];
}

/** A column with the names of attributes, and the one with their values: `Variation 1 name`, `Variation 1 values`. */
export interface PairedColumns {
  name: string;
  value: string;
}

const numbered = (end: string) => new RegExp(`^(.*\\d+)[ _-]*${end}$`, 'i');

export function pairedColumns(columns: readonly string[]): PairedColumns[] {
  return columns.flatMap((name) => {
    const [, stem] = numbered('name').exec(name) ?? [];
    if (stem === undefined) return [];
    const value = columns.find((each) => numbered('values?(\\(s\\))?').exec(each)?.[1] === stem);
    return value === undefined ? [] : [{ name, value }];
  });
}
