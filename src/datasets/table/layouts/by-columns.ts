import { labelCell, listCell, textCell } from '../../../data/tables/cells.js';
import type { ColumnMap } from '../../../data/tables/columns.js';
import { categoryPath } from '../category-path.js';
import { imagesIn } from '../image-names.js';
import type { RowReader } from './layout.js';

/** Links, mail addresses and barcodes say nothing of what a product is, whatever their column is called. */
const strange = /^(https?:\/\/\S+|www\.\S+|\S+@\S+\.\w+|\d{12,14})$/i;

/** Read rows by a map of columns. Without an id column the line number is the id. */
export function byColumns(map: ColumnMap): RowReader {
  return (row, note) => {
    const id = map.id ? labelCell(row, map.id, note) : String(row.line);
    if (!id) return undefined;
    const attributes = map.attributes.map((column) => {
      const values = listCell(row, column, note).filter((value) => !strange.test(value));
      return [column, values] as const;
    });
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
