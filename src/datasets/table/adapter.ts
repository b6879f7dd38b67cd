import { UserError } from '../../checks/error.js';
import type { Adapter, ReadOptions } from '../../data/adapter.js';
import {
  type CatalogueBuilder,
  type Place,
  type Reading,
  startCatalogue,
  titlePair,
} from '../../data/catalogue-builder.js';
import { splitCell, textCell } from '../../data/tables/cells.js';
import { type ColumnMap, guessColumns } from '../../data/tables/columns.js';
import { guessByValues } from '../../data/tables/guess-by-values.js';
import { type Table, tableOpener } from '../../data/tables/open-table.js';
import type { Row } from '../../data/tables/row.js';
import { unreadColumns } from '../../data/tables/unread-columns.js';
import { plainName, usualLists } from '../../data/tables/usual-columns.js';
import type { Pair, Query, Split } from '../../data/types.js';
import { chooseTable } from './choose-table.js';
import { splitOfFile, tableFiles } from './files.js';
import { imagesIn } from './image-names.js';
import { byColumns } from './layouts/by-columns.js';
import { layoutOf } from './layouts/index.js';
import { type Layout, layoutName } from './layouts/layout.js';
import { type Listing, Listings } from './listing.js';
import { listingImages, placesOf } from './listing-images.js';
import { pictureTable } from './picture-table.js';
import { readQueryTables } from './query-tables.js';

/**
 * Reads the export of a shop, the table of a public data set, or any other table of products, and its images. A known layout says what the
 * columns mean (`layouts/`); otherwise that is guessed from the header and the first rows, shown by `data inspect`, and corrected with `map`. Rows
 * of one id are one product. Images are looked up anywhere below the data folder, by the product's id if it names none. A row with a query gives a
 * pair, and so do rows of the tables beside it (`readQueryTables`); without any, each title is the text query for its own product. Without a split
 * column all pairs are `train`.
 */
export const adapter: Adapter = {
  recognises: async (path) => (await tableFiles(path)).files.length > 0,
  read: readTable,
  readsMap: true,
};

/** Queries of rows, and the split of every product that has none, unless it is `train`. */
interface Asked {
  pairs: Pair[];
  splits: Map<string, Split>;
}

/** Rows whose values say what a column holds. */
const LOOKED_AT = 200;

async function readTable(path: string, options: ReadOptions): Promise<Reading> {
  const found = await tableFiles(path);
  if (!found.files.length)
    throw new UserError(`data: ${JSON.stringify(path)} contains no table. Give the path of one.`);
  const open = tableOpener(found.folder, options);
  const { files, others } = await chooseTable(path, found, open);
  const builder = await startCatalogue('table', found.folder, options.follow);
  const tables = await Promise.all(files.map(open));
  const columns = [...new Set(tables.flatMap((table) => table.columns))];
  const layout = options.map ? undefined : layoutOf(columns);
  const map = layout ? undefined : await mapOf(columns, tables[0], options.map);
  for (const [at, table] of tables.entries())
    if (!table.columns.length) builder.note('empty-file', { file: files[at] }, 'no header and no rows');
  if (map && columns.length) noteGuess(builder, map, files[0]);

  if (layout) noteUnread(builder, layout, columns, files[0]);
  const listings = new Listings();
  const asked: Asked = { pairs: [], splits: new Map() };
  for (const [number, file] of files.entries()) {
    const note = builder.noteIn(file);
    const read = layout?.open() ?? byColumns(map!);
    for await (const row of tables[number].rows(note, map?.title)) {
      const place = { file, line: row.line };
      const listing = read(row, note);
      if (!listing) note('missing-id', row.line, 'a row without id is not read');
      else {
        // Line numbers repeat from file to file.
        if (map && !map.id && files.length > 1) listing.id = `${number + 1}-${listing.id}`;
        await addRow(builder, listings, asked, listing, row, map, place);
      }
    }
  }
  const pathOf = layout?.picturesById ? await pictureTable(builder.folder) : (name: string) => name;
  await addProducts(builder, listings, asked, map, pathOf);
  for (const file of await readQueryTables(builder, others, open))
    builder.note('not-read', { file }, 'is not read beside the table of products: it has no queries of them');
  if (!map?.query && !map?.queryImage && !builder.pairs.length) askByTitles(builder, asked.splits);
  return { ...builder.finish(), ...(layout ? { layout: layout.name } : { columns: map }) };
}

/** The columns as their names and the first rows say, or as the user does. */
async function mapOf(columns: string[], table: Table, given?: Partial<ColumnMap>): Promise<ColumnMap> {
  const byName = guessColumns(columns, given);
  if (given) return byName;
  const rows: Row['values'][] = [];
  for await (const { values } of table.rows(() => {})) if (rows.push(values) === LOOKED_AT) break;
  return guessByValues(byName, rows);
}

/** Columns that a known layout has and that are not read, but for those that say nothing of a product. */
function noteUnread(builder: CatalogueBuilder, layout: Layout, columns: readonly string[], file: string): void {
  const unread = columns.filter(
    (name) => !layout.reads.test(layoutName(name)) && !usualLists.ignored.test(plainName(name)),
  );
  if (unread.length) builder.note('not-read', { file, line: 1 }, unreadColumns(unread));
}

function noteGuess(builder: CatalogueBuilder, map: ColumnMap, file: string): void {
  const note = (message: string) => builder.note('missing-column', { file, line: 1 }, message);
  if (!map.id) note('no id column; the line number is the id');
  if (!map.title) note('no title column; choose one with map title=COLUMN');
}

async function addRow(
  builder: CatalogueBuilder,
  listings: Listings,
  asked: Asked,
  listing: Listing,
  row: Row,
  map: ColumnMap | undefined,
  place: Place,
): Promise<void> {
  const { id } = listing;
  const note = builder.noteIn(place.file);
  const query = map && (await readQuery(builder, row, map, place));
  const split = splitCell(row, map?.split, note) ?? splitOfFile(place.file) ?? 'train';
  const known = listings.get(id);
  if (query) asked.pairs.push({ query: { id: `${id}/${row.line}`, ...query }, product: id, split });
  if (!map && known) note('joined-rows', row.line, 'a row is joined to the product that an earlier row names');
  if (map && known && !query) {
    if (listing.title && known.title && listing.title !== known.title)
      return note('duplicate-id', row.line, `product ${id} is listed twice with different titles; the first is kept`);
    note('repeated-id', row.line, `product ${id} is listed again; its images and attributes are joined`);
  }
  if (!known && split !== 'train') asked.splits.set(id, split);
  if (!known || !query) listings.add(listing, place);
}

async function readQuery(
  builder: CatalogueBuilder,
  row: Row,
  map: ColumnMap,
  place: Place,
): Promise<Omit<Query, 'id'> | undefined> {
  const text = textCell(row, map.query, builder.noteIn(place.file));
  const [name] = map.queryImage ? imagesIn(row.values[map.queryImage]) : [];
  const image =
    typeof name === 'string'
      ? await builder.image(placesOf(name), place, text ? {} : { leavesOutQuery: true })
      : name && (await builder.embeddedImage(`${place.file}:${place.line}/query`, name.bytes, place));
  return text || image ? { ...(text && { text }), ...(image && { image }) } : undefined;
}

function askByTitles({ products, pairs }: CatalogueBuilder, splits: Asked['splits']): void {
  for (const product of products.values())
    if (product.title) pairs.push(titlePair(product, splits.get(product.id) ?? 'train'));
}

/** Find the images of all products and add them, with the pairs of their rows, to the catalogue. */
async function addProducts(
  builder: CatalogueBuilder,
  listings: Listings,
  { pairs }: Asked,
  map: ColumnMap | undefined,
  pathOf: (name: string) => string,
): Promise<void> {
  const productOf = listings.finish();
  for (const pair of pairs) builder.pairs.push({ ...pair, product: productOf(pair.product) });
  for (const listing of listings.products()) {
    const { id, title = '', category, attributes, description, summary, place } = listing;
    if (!title && (!map || map.title)) builder.note('missing-title', place, `product ${id} has no title`);
    const images = await listingImages(builder, listing, pathOf, !map || map.id !== undefined);
    const texts = { ...(description && { description }), ...(summary && { summary }) };
    const product = { id, title, category, attributes, images, ...texts };
    builder.add(product, place);
  }
}
