import { labelCell, listCell, textCell } from '../../../data/tables/cells.js';
import type { ColumnMap } from '../../../data/tables/columns.js';
import type { Row } from '../../../data/tables/row.js';
import type { NoteLine } from '../../../data/tables/text-blocks.js';
import { saysNothing } from '../../../data/tables/usual-columns.js';
import { categoryPath } from '../category-path.js';
import { imagesIn } from '../image-names.js';
import { longAndShort } from '../listing.js';
import type { RowReader } from './layout.js';
import { namedValues, pairedColumns } from './named-values.js';

/** Read rows by a map of columns. Without an id column the line number is the id. */
export function byColumns(map: ColumnMap): RowReader {
  const paired = pairedColumns(map.attributes);
  // Its type is of no use beside the name: `Variation 1 type`.
  const stems = paired.map(({ name }) => name.replace(/name$/i, ''));
  const single = map.attributes.filter((column) => !stems.some((stem) => column.startsWith(stem)));
  return (row, note) => {
    const id = map.id ? ownId(row, map.id, note) : String(row.line);
    if (!id) return undefined;
    const named = single.flatMap((column) => namedValues(column, row.values[column]));
    for (const { name, value } of paired) {
      const found = labelCell(row, name, note);
      if (found) named.push([found, inParts(row.values[value])]);
    }
    const attributes = named.map(([name, value]) => {
      const values = listCell({ line: row.line, values: { [name]: value } }, name, note);
      return [name, values.filter((each) => !saysNothing.test(each))] as const;
    });
    return {
      id,
      title: textCell(row, map.title, note),
      ...longAndShort(textCell(row, map.description, note), textCell(row, map.summary, note)),
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

/** `Red, Blue` -> its parts. */
const inParts = (value: unknown) => (typeof value === 'string' ? value.split(/\s*[,|]\s*/) : value);
