import { join } from 'node:path';
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
import { readColumns, readRows } from '../../data/tables/read-rows.js';
import type { Row } from '../../data/tables/row.js';
import type { Pair, ProductImage, Query, Split } from '../../data/types.js';
import { areShards, splitOfFile, tableFiles } from './files.js';
import { imagesIn } from './image-names.js';
import { byColumns } from './layouts/by-columns.js';
import { layoutOf } from './layouts/index.js';
import { type Listing, Listings, type PlacedListing } from './listing.js';
import { pictureTable } from './picture-table.js';

/**
 * Reads the export of a shop, the table of a public data set, or any other table of products, and its images. A known layout says what the
 * columns mean (`layouts/`); otherwise that is guessed from the header, shown by `data inspect`, and corrected with `map`. Rows of one id are one
 * product. Images are looked up anywhere below the data folder, by the product's id if it names none. A row with a query gives a pair; in a table
 * without query columns each title is the text query for its own product. Without a split column all pairs are `train`.
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

async function readTable(path: string, options: ReadOptions): Promise<Reading> {
  const { folder, files } = await tableFiles(path);
  if (!files.length) throw new UserError(`data: ${JSON.stringify(path)} contains no table. Give the path of one.`);
  if (files.length > 1 && !areShards(files))
    throw new UserError(
      `data: ${JSON.stringify(path)} contains ${files.length} tables (${shortList(files)}). Give the path of one of them.`,
    );
  const { encoding, follow } = options;
  const builder = await startCatalogue('table', folder, follow);
  const headers = await Promise.all(files.map((file) => readColumns(join(folder, file), { encoding })));
  const columns = [...new Set(headers.flat())];
  const layout = options.map ? undefined : layoutOf(columns);
  const map = layout ? undefined : guessColumns(columns, options.map);
  headers.forEach((names, at) => {
    if (!names.length) builder.note('empty-file', { file: files[at] }, 'no header and no rows');
  });
  if (map && columns.length) noteGuess(builder, map, files[0]);

  const listings = new Listings();
  const asked: Asked = { pairs: [], splits: new Map() };
  for (const [number, file] of files.entries()) {
    const note = builder.noteIn(file);
    const read = layout?.open() ?? byColumns(map!);
    for await (const row of readRows(join(folder, file), note, { freeText: map?.title, encoding })) {
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
  await addProducts(builder, listings, asked, map);
  return { ...builder.finish(), ...(layout ? { layout: layout.name } : { columns: map }) };
}

const shortList = (files: readonly string[]) =>
  files.length > 5 ? `${files.slice(0, 5).join(', ')} ...` : files.join(', ');

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
      ? await builder.image(places(name), place, text ? {} : { leavesOutQuery: true })
      : name && (await builder.embeddedImage(`${place.file}:${place.line}/query`, name.bytes, place));
  return text || image ? { ...(text && { text }), ...(image && { image }) } : undefined;
}

/** Find the images of all products and add them, with their pairs, to the catalogue. */
async function addProducts(
  builder: CatalogueBuilder,
  listings: Listings,
  { pairs, splits }: Asked,
  map: ColumnMap | undefined,
): Promise<void> {
  const pathOf = map ? (name: string) => name : await pictureTable(builder.folder);
  const asksByTitle = !map?.query && !map?.queryImage;
  const productOf = listings.finish();
  for (const pair of pairs) builder.pairs.push({ ...pair, product: productOf(pair.product) });
  for (const listing of listings.products()) {
    const { id, title = '', category, attributes, description, place } = listing;
    if (!title && (!map || map.title)) builder.note('missing-title', place, `product ${id} has no title`);
    const images = await imagesOf(builder, listing, pathOf, !map || map.id !== undefined);
    const product = { id, title, category, attributes, images, ...(description && { description }) };
    builder.add(product, place);
    if (asksByTitle && title) builder.pairs.push(titlePair(product, splits.get(id) ?? 'train'));
  }
}

async function imagesOf(
  builder: CatalogueBuilder,
  { id, images, place }: PlacedListing,
  pathOf: (name: string) => string,
  hasId: boolean,
): Promise<ProductImage[]> {
  if (!images.length) return hasId ? builder.imagesOfId(id, place) : [];
  const found = new Map<string, ProductImage>();
  for (const [at, image] of images.entries()) {
    const one =
      typeof image === 'string'
        ? await builder.image(places(pathOf(image)), place)
        : await builder.embeddedImage(`${place.file}:${place.line}/${at + 1}`, image.bytes, place);
    if (one) found.set(one.id, one);
  }
  return [...found.values()];
}

const places = (name: string) => [name, `images/${name}`];
