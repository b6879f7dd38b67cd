import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../checks/error.js';
import type { Adapter } from '../../data/adapter.js';
import { type CatalogueBuilder, type Reading, startCatalogue, titlePair } from '../../data/catalogue-builder.js';
import { labelCell, textCell } from '../../data/tables/cells.js';
import { openTable } from '../../data/tables/open-table.js';
import type { Row } from '../../data/tables/row.js';

const file = 'styles.csv';
const path = ['masterCategory', 'subCategory', 'articleType'];
const attributes = ['gender', 'baseColour', 'season', 'year', 'usage'];
const name = 'productDisplayName';

/**
 * Reads Kaggle's "Fashion Product Images": `styles.csv` and `images/<id>.jpg`, one image per product. The category is masterCategory >
 * subCategory > articleType, even if two levels have the same name. Each title is the text query for its own product; the split is
 * `fashionSplit`. Some copies have names with unquoted commas; these are joined again.
 */
export const adapter: Adapter = {
  recognises: async (folder) => existsSync(join(folder, file)) && existsSync(join(folder, 'images')),
  read: readFashion,
};

/**
 * The split of a product. `test` if the full sha256 of "moon-test" + id, as an integer, is 0 modulo 5. Otherwise `dev`, for choices of
 * hyperparameters, if that of "moon-dev" + id is 0 modulo 10. Otherwise `train`.
 */
export function fashionSplit(id: string): 'train' | 'dev' | 'test' {
  const isOf = (name: string, modulus: bigint) => {
    const digest = createHash('sha256').update(`${name}${id}`).digest('hex');
    return BigInt(`0x${digest}`) % modulus === 0n;
  };
  return isOf('moon-test', 5n) ? 'test' : isOf('moon-dev', 10n) ? 'dev' : 'train';
}

async function readFashion(folder: string): Promise<Reading> {
  const builder = await startCatalogue('fashion', folder);
  const table = join(builder.folder.root, file);
  if (!existsSync(table)) {
    throw new UserError(
      `data.adapter: got 'fashion' for ${JSON.stringify(folder)}, expected a folder with ${file} and images/.`,
    );
  }
  const { columns, rows } = await openTable(table);
  if (columns.length === 0) builder.note('empty-file', { file }, 'no header and no rows');
  for (const column of ['id', name, ...path, ...attributes]) {
    if (columns.length > 0 && !columns.includes(column)) {
      builder.note('missing-column', { file, line: 1 }, `column ${column} is missing`);
    }
  }
  for await (const row of rows(builder.noteIn(file), name)) await addProduct(builder, row);
  return builder.finish();
}

async function addProduct(builder: CatalogueBuilder, row: Row): Promise<void> {
  const place = { file, line: row.line };
  const note = builder.noteIn(file);
  const label = (column: string) => labelCell(row, column, note);
  const id = label('id');
  const title = textCell(row, name, note);
  if (!id) return builder.note('missing-id', place, 'a row without id is not read');
  if (builder.products.has(id))
    return builder.note('duplicate-id', place, `product ${id} is listed twice; the first is kept`);
  const image = await builder.image([`images/${id}.jpg`], place);
  const product = {
    id,
    title: title ?? '',
    category: path.flatMap((column) => label(column) ?? []),
    attributes: Object.fromEntries(
      attributes.flatMap((column) => {
        const value = label(column);
        return value ? [[column, [value]]] : [];
      }),
    ),
    images: image ? [image] : [],
  };
  builder.add(product, place);
  if (title) builder.pairs.push(titlePair(product, fashionSplit(id)));
  else builder.note('missing-title', place, `product ${id} has no ${name}, so it has no text query`);
}
