import { join } from 'node:path';
import { UserError } from '../../checks/error.js';
import type { Adapter } from '../../data/adapter.js';
import { parseAttributes } from '../../data/attributes.js';
import {
  type CatalogueBuilder,
  type Place,
  type Reading,
  startCatalogue,
  titlePair,
} from '../../data/catalogue-builder.js';
import { labelCell, listCell, splitCell, splitNamed, textCell } from '../../data/tables/cells.js';
import { excerpt } from '../../data/tables/json.js';
import { openTable, type Table } from '../../data/tables/open-table.js';
import type { Row } from '../../data/tables/row.js';
import type { NoteLine } from '../../data/tables/text-blocks.js';
import { unreadColumns } from '../../data/tables/unread-columns.js';
import type { Query, Split } from '../../data/types.js';
import { tableFiles } from '../table/files.js';

const categoryColumns = ['doc_industry_name', 'doc_cate1_name', 'doc_cate2_name', 'doc_cate3_name', 'doc_cate4_name'];

/** Everything that is read; MBE2.0 (arXiv 2511.12449) may have more, whose names are not known here. */
const knownColumns: readonly string[] = [
  ...['id', 'doc_title', 'doc_image', 'doc_attributes', 'query', 'query_image', 'purchase_id', 'split'],
  ...categoryColumns,
];

/**
 * Reads the MBE benchmark of the MOON paper (arXiv 2508.11999) from one or several JSONL, Parquet or CSV files with the columns `id`,
 * `doc_title`, `doc_image` (paths in the folder or URLs, see `data fetch`), `doc_industry_name`, `doc_cate1_name` ... `doc_cate4_name` and
 * `doc_attributes` (see `parseAttributes`). A query is in `query` and `query_image`, either in the row of the product that was bought for
 * it or in another row of the same `purchase_id`. If no row has a query, each title is the text query for its own product. The split is
 * taken from a column `split`, otherwise from the file name, otherwise it is `test`, since the data set is a benchmark. Other columns, such as
 * those of MBE2.0, are listed by name; with a map of columns the table is read by it.
 */
export const adapter: Adapter = {
  recognises: async (path) => (await mbeTables(path)).tables.length > 0,
  read: readMbe,
};

/** The queries and products of all rows of one purchase. */
interface Purchase {
  queries: { query: Query; split: Split; place: Place }[];
  products: Set<string>;
  place: Place;
}

interface NamedTable extends Table {
  file: string;
}

/** The tables with products or purchases, and the other tables in the folder. */
async function mbeTables(path: string): Promise<{ folder: string; tables: NamedTable[]; others: NamedTable[] }> {
  const { folder, files } = await tableFiles(path);
  const all = await Promise.all(files.map(async (file) => ({ file, ...(await openTable(join(folder, file))) })));
  if (!all.some(({ columns }) => columns.includes('doc_title'))) return { folder, tables: [], others: all };
  const isOurs = ({ columns }: Table) => ['doc_title', 'purchase_id'].some((name) => columns.includes(name));
  return { folder, tables: all.filter(isOurs), others: all.filter((table) => !isOurs(table)) };
}

async function readMbe(path: string): Promise<Reading> {
  const { folder, tables, others } = await mbeTables(path);
  if (tables.length === 0) {
    throw new UserError(
      `data.adapter: got 'mbe' for ${JSON.stringify(path)}, expected a JSONL, Parquet or CSV table with doc_title.`,
    );
  }
  const builder = await startCatalogue('mbe', folder);
  for (const { file } of others) builder.note('unused-file', { file }, 'has neither doc_title nor purchase_id');
  const purchases = new Map<string, Purchase>();
  const productSplits = new Map<string, Split>();
  for (const { file, columns, rows } of tables) {
    const unread = columns.filter((name) => !knownColumns.includes(name));
    if (unread.length)
      builder.note(
        'not-read',
        { file, line: 1 },
        `${unreadColumns(unread)}; say what they are with --map, such as --map title=${unread[0]}`,
      );
    const words = file.split(/[^a-zA-Z]+/);
    const fileSplit = words.map(splitNamed).find((split) => split !== undefined) ?? 'test';
    for await (const row of rows(builder.noteIn(file), 'doc_title')) {
      await addRow({ builder, purchases, productSplits }, row, file, fileSplit);
    }
  }
  for (const purchase of purchases.values()) pairPurchase(builder, purchase);
  if (builder.pairs.length === 0) {
    for (const [id, split] of productSplits) {
      const product = builder.products.get(id);
      if (product?.title) builder.pairs.push(titlePair(product, split));
    }
  }
  return builder.finish();
}

/** The state while rows are read. */
interface MbeState {
  builder: CatalogueBuilder;
  purchases: Map<string, Purchase>;
  productSplits: Map<string, Split>;
}

async function addRow(mbe: MbeState, row: Row, file: string, fileSplit: Split): Promise<void> {
  const place = { file, line: row.line };
  const note = mbe.builder.noteIn(file);
  const split = splitCell(row, 'split', note) ?? fileSplit;
  const key = labelCell(row, 'purchase_id', note);
  const query = await readQuery(mbe.builder, row, place);
  const product = await addProduct(mbe.builder, row, place, { query, key });
  if (product && !mbe.productSplits.has(product)) mbe.productSplits.set(product, split);
  if (key) {
    const purchase = mbe.purchases.get(key) ?? { queries: [], products: new Set(), place };
    if (query) purchase.queries.push({ query, split, place });
    if (product) purchase.products.add(product);
    mbe.purchases.set(key, purchase);
  } else if (query && product) mbe.builder.pairs.push({ query, product, split });
  else if (query) note('missing-product', row.line, 'a query without a product that was bought for it');
}

/** Pair every query of a purchase with every product of it. */
function pairPurchase({ pairs, note }: CatalogueBuilder, { queries, products, place }: Purchase): void {
  for (const { query, split } of queries) for (const product of products) pairs.push({ query, product, split });
  if (queries.length === 0) note('half-purchase', place, 'a purchase without a query makes no pair');
  if (products.size > 0) return;
  for (const query of queries) note('half-purchase', query.place, 'a purchase without a product makes no pair');
}

async function readQuery(builder: CatalogueBuilder, row: Row, place: Place): Promise<Query | undefined> {
  const note = builder.noteIn(place.file);
  const text = textCell(row, 'query', note);
  const name = textCell(row, 'query_image', note);
  const image = name && (await builder.image([name], place, text ? {} : { leavesOutQuery: true }));
  if (!text && !image) return undefined;
  return { id: `${place.file}/${place.line}`, ...(text && { text }), ...(image && { image }) };
}

/**
 * Add the product of a row and return its id; undefined if the row has no product. A known product receives the additional images of the
 * row.
 */
async function addProduct(
  builder: CatalogueBuilder,
  row: Row,
  place: Place,
  { query, key }: { query?: Query; key?: string },
): Promise<string | undefined> {
  const note = builder.noteIn(place.file);
  const title = textCell(row, 'doc_title', note);
  const names = listCell(row, 'doc_image', note);
  if (!title && names.length === 0) {
    if (!query) note('empty-row', row.line, 'neither a product nor a query');
    return undefined;
  }
  const id = labelCell(row, 'id', note);
  if (!id) {
    note('missing-id', row.line, 'a product without id is not read');
    return undefined;
  }
  const known = builder.products.get(id);
  if (known && !query && !key) {
    note('duplicate-id', row.line, `product ${id} is listed twice; the first is kept`);
    return id;
  }
  if (!title) note('missing-title', row.line, `product ${id} has no doc_title`);
  if (known && title && title !== known.title) {
    note(
      'other-title',
      row.line,
      `product ${id} was ${excerpt(known.title)}, which is kept, and is ${excerpt(title)} here`,
    );
  }
  const product = known ?? {
    id,
    title: title ?? '',
    category: readCategory(row, note),
    attributes: readAttributes(row, note),
    images: [],
  };
  if (!known) builder.add(product, place);
  for (const name of names) {
    const image = await builder.image([name], place);
    if (image && product.images.every((other) => other.id !== image.id)) product.images.push(image);
  }
  return id;
}

/** The category path, root to leaf. Skips empty levels and levels that repeat the name of their parent. */
function readCategory(row: Row, note: NoteLine): string[] {
  const levels = categoryColumns.flatMap((column) => labelCell(row, column, note) ?? []);
  return levels.filter((level, index) => level !== levels[index - 1]);
}

function readAttributes(row: Row, note: NoteLine): Record<string, string[]> {
  const { attributes, problems } = parseAttributes(textCell(row, 'doc_attributes', note) ?? '');
  for (const { kind, part } of problems) note(kind, row.line, `doc_attributes: ${excerpt(part)} is left out`);
  return attributes;
}
