import type { Row } from '../../../data/tables/row.js';
import type { NoteLine } from '../../../data/tables/text-blocks.js';
import type { Listing } from '../listing.js';

/** Reads one row; undefined for a row that says nothing of a product. */
export type RowReader = (row: Row, note: NoteLine) => Listing | undefined;

/** The export of a shop or the table of a public data set: what its columns mean. */
export interface Layout {
  /** For messages: `Shopify product export`. */
  name: string;
  /** The columns that it reads, by `layoutName`. */
  reads: { test(name: string): boolean };
  /** Whether it names pictures by ids whose paths a table beside it has (`pictureTable`). */
  picturesById?: true;
  /** Whether a table with these columns (`layoutName`) has this layout. */
  fits(columns: ReadonlySet<string>): boolean;
  /** Begin to read a table. Rows may refer to earlier ones. */
  open(): RowReader;
}

/** A column's name without case, with underscores for spaces: `Variant SKU` -> `variant_sku`. */
export const layoutName = (column: string): string =>
  column
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');

/** The row by names as `layoutName` gives them. @param translate further, from another language */
export function withNames(row: Row, translate = (name: string) => name): Row {
  return {
    line: row.line,
    values: Object.fromEntries(Object.entries(row.values).map(([name, value]) => [translate(layoutName(name)), value])),
  };
}
