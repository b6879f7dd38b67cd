import { labelCell, listCell, textCell } from '../../../data/tables/cells.js';
import type { ColumnMap } from '../../../data/tables/columns.js';
import { isObject } from '../../../data/tables/json.js';
import type { Row } from '../../../data/tables/row.js';
import type { NoteLine } from '../../../data/tables/text-blocks.js';
import { saysNothing } from '../../../data/tables/usual-columns.js';
import { categoryPath } from '../category-path.js';
import { imagesIn } from '../image-names.js';
import type { RowReader } from './layout.js';

/** Read rows by a map of columns. Without an id column the line number is the id. */
export function byColumns(map: ColumnMap): RowReader {
  return (row, note) => {
    const id = map.id ? ownId(row, map.id, note) : String(row.line);
    if (!id) return undefined;
    const attributes = map.attributes.flatMap((column) =>
      namedValues(column, row.values[column]).map(([name, value]) => {
        const values = listCell({ line: row.line, values: { [name]: value } }, name, note);
        return [name, values.filter((each) => !saysNothing.test(each))] as const;
      }),
    );
    return {
      id,
      title: textCell(row, map.title, note),
      description: textCell(row, map.description, note),
      category: categoryPath(row, map.category, note),
      attributes: Object.fromEntries(attributes.filter(([, values]) => values.length > 0)),
      images: map.image.flatMap((column) => imagesIn(row.values[column])),
    };
  };
}

/** An id that a spreadsheet has shortened to `4.00638E+12` stands for many; the line tells them apart. */
function ownId(row: Row, column: string, note: NoteLine): string | undefined {
  const id = labelCell(row, column, note);
  if (!id || !/^\d([.,]\d+)?E\+\d\d$/i.test(id)) return id;
  note('rounded-id', undefined, `${column} was shortened by a spreadsheet (${id}); export it as text`);
  return `${id} in line ${row.line}`;
}

/** `{ colour: 'red', size: 'L' }` and `[{ name: 'colour', value: 'red' }]` hold attributes; any other value is one. */
function namedValues(column: string, value: unknown): [name: string, value: unknown][] {
  const isRecord = isObject(value) && !(value instanceof Date) && !(value instanceof Uint8Array);
  if (isRecord && !('value' in value) && !('bytes' in value)) return Object.entries(value);
  if (!Array.isArray(value) || !value.length) return [[column, value]];
  const pairs = value.map((item) => (isObject(item) && !('language_tag' in item) ? namedValue(item) : undefined));
  return pairs.every((pair) => pair !== undefined) ? pairs : [[column, value]];
}

function namedValue(item: Record<string, unknown>): [string, unknown] | undefined {
  const name = ['name', 'key', 'label', 'attribute', 'code']
    .map((key) => item[key])
    .find((each) => typeof each === 'string');
  const value = ['values', 'value', 'options'].map((key) => item[key]).find((each) => each !== undefined);
  return typeof name === 'string' && value !== undefined ? [name, value] : undefined;
}
