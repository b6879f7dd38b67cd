import { labelCell, textCell } from '../../../data/tables/cells.js';
import type { Row } from '../../../data/tables/row.js';
import { plainName, usualLists } from '../../../data/tables/usual-columns.js';
import { longest, splitPath } from '../category-path.js';
import { imagesIn } from '../image-names.js';
import { type Listing, longAndShort } from '../listing.js';
import { type Layout, withNames } from './layout.js';
import { englishName } from './woocommerce-names.js';

const columns =
  /^(id|type|sku|name|short_description|description|categories|tags|brands|images|parent|attribute_\d+_(name|value\(s\))|meta:.*)$/;

/** A variation is a row of its own that names its product by SKU or by `id:44`. Lists are joined by commas; line ends are written as `\n`. */
export const woocommerce: Layout = {
  name: 'WooCommerce product export',
  reads: { test: (name) => columns.test(englishName(name)) },
  fits(given) {
    const names = new Set([...given].map(englishName));
    return (
      ['type', 'name', 'categories'].every((name) => names.has(name)) &&
      (names.has('parent') || names.has('short_description'))
    );
  },
  open() {
    const keys = new Map<string, string>();
    return (given, note) => {
      const row = withNames(given, englishName);
      const lines = (column: string) => {
        const value = row.values[column];
        const cell: Row = {
          ...row,
          values: { [column]: typeof value === 'string' ? value.replace(/\\[nr]/g, '\n') : value },
        };
        return textCell(cell, column, note);
      };
      const [number, sku] = ['id', 'sku'].map((column) => labelCell(row, column, note));
      const own = sku ?? number;
      if (!own) return undefined;
      if (number) keys.set(`id:${number}`, own);
      const isVariation = labelCell(row, 'type', note)?.includes('variation');
      const parent = isVariation ? labelCell(row, 'parent', note) : undefined;
      const id = parent === undefined ? own : (keys.get(parent) ?? parent);
      const paths = splitList(labelCell(row, 'categories', note) ?? '').map(splitPath);
      return {
        id,
        // The title of a variation repeats that of its product.
        title: parent === undefined ? textCell(row, 'name', note) : undefined,
        ...longAndShort(lines('description'), lines('short_description')),
        category: longest(paths),
        attributes: attributesOf(row, note),
        images: imagesIn(row.values.images),
      };
    };
  },
};

function attributesOf(row: Row, note: Parameters<typeof labelCell>[2]): Listing['attributes'] {
  const attributes: [string, string[]][] = [];
  for (const column of Object.keys(row.values)) {
    const number = /^attribute_(\d+)_name$/.exec(column)?.[1];
    const name = number && labelCell(row, column, note);
    const values = splitList(labelCell(row, `attribute_${number}_value(s)`, note) ?? '');
    if (name && values.length) attributes.push([name, values]);
  }
  for (const column of ['tags', 'brands']) {
    const values = splitList(labelCell(row, column, note) ?? '');
    if (values.length) attributes.push([column, values]);
  }
  for (const column of Object.keys(row.values)) {
    const name = /^meta:_*(.+)$/.exec(column)?.[1];
    const value = name && labelCell(row, column, note);
    if (name && value && !usualLists.ignored.test(plainName(name))) attributes.push([name, [value]]);
  }
  return Object.fromEntries(attributes);
}

/** `Blue, Grey\, dark` -> two values: a comma within a value is written with a backslash. */
function splitList(text: string): string[] {
  return text.split(/(?<!\\),/).flatMap((part) => part.replaceAll('\\,', ',').trim() || []);
}
