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
import { labelCell, listCell, splitCell, textCell } from '../../data/tables/cells.js';
import { type ColumnMap, guessColumns } from '../../data/tables/columns.js';
import { readColumns, readRows } from '../../data/tables/read-rows.js';
import type { Row } from '../../data/tables/row.js';
import type { NoteLine } from '../../data/tables/text-blocks.js';
import type { Product, ProductImage, Query } from '../../data/types.js';
import { tableFiles } from './files.js';

/**
 * Reads any CSV, JSONL or Parquet table with one product per row, and its images. The meaning of the columns is guessed from the header,
 * shown by `data inspect`, and corrected with `map`. Image names are looked up in the data folder and in its `images/`; without an image
 * column the name is `images/<id>.jpg` or similar. A row with a query gives a pair; in a table without query columns each title is the text
 * query for its own product. Without a split column all pairs are `train`.
 */
export const adapter: Adapter = {
  recognises: async (path) => (await tableFiles(path)).files.length > 0,
  read: readTable,
  readsMap: true,
};

async function readTable(path: string, options: ReadOptions): Promise<Reading> {
  const { folder, files } = await tableFiles(path);
  if (files.length !== 1) {
    throw new UserError(
      `data: ${JSON.stringify(path)} contains ${files.length} tables (${files.join(', ')}). Give the path of one of them.`,
    );
  }
  const [file] = files;
  const builder = await startCatalogue('table', folder);
  const columns = await readColumns(join(folder, file));
  if (columns.length === 0) builder.note('empty-file', { file }, 'no header and no rows');
  const map = guessColumns(columns, options.map);
  if (columns.length > 0) {
    if (!map.id) builder.note('missing-column', { file, line: 1 }, 'no id column; the line number is the id');
    if (!map.title)
      builder.note('missing-column', { file, line: 1 }, 'no title column; choose one with map title=COLUMN');
  }
  for await (const row of readRows(join(folder, file), builder.noteIn(file), { freeText: map.title })) {
    await addRow(builder, row, map, { file, line: row.line });
  }
  return { ...builder.finish(), columns: map };
}

async function addRow(builder: CatalogueBuilder, row: Row, map: ColumnMap, place: Place): Promise<void> {
  const note = builder.noteIn(place.file);
  const id = map.id ? labelCell(row, map.id, note) : String(row.line);
  if (!id) return note('missing-id', row.line, 'a row without id is not read');
  const query = await readQuery(builder, row, map, place);
  const known = builder.products.get(id);
  if (known && !query) return note('duplicate-id', row.line, `product ${id} is listed twice; the first is kept`);
  const product = known ?? (await readProduct(builder, row, map, id, place));
  if (!known) builder.add(product, place);

  const split = splitCell(row, map.split, note) ?? 'train';
  if (query) builder.pairs.push({ query: { id: `${id}/${row.line}`, ...query }, product: id, split });
  else if (product.title && !map.query && !map.queryImage) builder.pairs.push(titlePair(product, split));
}

async function readQuery(
  builder: CatalogueBuilder,
  row: Row,
  map: ColumnMap,
  place: Place,
): Promise<Omit<Query, 'id'> | undefined> {
  const text = textCell(row, map.query, builder.noteIn(place.file));
  const name = textCell(row, map.queryImage, builder.noteIn(place.file));
  const image = name && (await builder.image(imagePaths(name), place, text ? {} : { leavesOutQuery: true }));
  return text || image ? { ...(text && { text }), ...(image && { image }) } : undefined;
}

async function readProduct(
  builder: CatalogueBuilder,
  row: Row,
  map: ColumnMap,
  id: string,
  place: Place,
): Promise<Product> {
  const note = builder.noteIn(place.file);
  const title = textCell(row, map.title, note);
  const description = textCell(row, map.description, note);
  if (map.title && !title) note('missing-title', row.line, `product ${id} has no title`);
  const attributes = map.attributes.map((column) => [column, listCell(row, column, note)] as const);
  return {
    id,
    title: title ?? '',
    category: readCategory(row, map, note),
    attributes: Object.fromEntries(attributes.filter(([, values]) => values.length > 0)),
    images: await readImages(builder, row, map, id, place),
    ...(description && { description }),
  };
}

async function readImages(
  builder: CatalogueBuilder,
  row: Row,
  map: ColumnMap,
  id: string,
  place: Place,
): Promise<ProductImage[]> {
  const byName = map.image.flatMap((column) => listCell(row, column, builder.noteIn(place.file))).map(imagePaths);
  const hasFolder = (await builder.folder.names('images')).length > 0;
  const byId = hasFolder ? [['.jpg', '.jpeg', '.png', '.webp'].map((ending) => `images/${id}${ending}`)] : [];
  const images = await Promise.all((map.image.length > 0 ? byName : byId).map((names) => builder.image(names, place)));
  return images.filter((image) => image !== undefined);
}

function imagePaths(name: string): string[] {
  return [name, `images/${name}`];
}

/** A single column contains a full path; several columns contain one level each. */
function readCategory(row: Row, map: ColumnMap, note: NoteLine): string[] {
  const levels = map.category.map((column) => labelCell(row, column, note) ?? '');
  const parts = levels.length === 1 ? levels[0].split(/\s*[>|]\s*|\s+\/\s+/) : levels;
  return parts.flatMap((part) => part.trim() || []);
}
