import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../checks/error.js';
import type { Adapter } from '../../data/adapter.js';
import { type CatalogueBuilder, type Place, type Reading, startCatalogue } from '../../data/catalogue-builder.js';
import { addAttributes } from './attributes.js';
import { type GroceryClass, readClasses } from './classes.js';
import { readGroups } from './groups.js';
import { parseInformation } from './information.js';
import { addPhotos } from './photos.js';

/**
 * Reads GroceryStoreDataset (Klasson et al., WACV 2019), original or packed. The 81 fine classes are the products. Natural photos are image
 * queries for their class. The `Title:` of `*_Information.txt` is the text query for evaluation (split `val`) and is not part of the
 * product. A product's images are the iconic image followed by its photos of the split `train`, never those of `dev` or `val`. Two optional
 * files are read in addition to the original ones: `attributes.json` (fine class name -> attribute -> values) and `groups.json` (bursts and
 * the dev split).
 */
export const adapter: Adapter = {
  recognises: async (path) => layoutRoot(path) !== undefined,
  read: readGrocery,
};

function layoutRoot(path: string): string | undefined {
  return [path, join(path, 'dataset')].find((folder) =>
    ['classes.csv', 'train.txt', 'val.txt'].every((file) => existsSync(join(folder, file))),
  );
}

async function readGrocery(path: string): Promise<Reading> {
  const root = layoutRoot(path);
  if (!root) {
    throw new UserError(
      `data.adapter: got 'grocery' for ${JSON.stringify(path)}, expected a folder with classes.csv, train.txt and val.txt.`,
    );
  }
  const builder = await startCatalogue('grocery', root);
  const classes = await readClasses(builder);
  await addAttributes(builder);
  await addTexts(builder, classes);
  const groups = await readGroups(builder);
  await addPhotos(builder, classes, groups);
  return { ...builder.finish(), ...(groups.check && { neighbours: [groups.check] }) };
}

/** Add descriptions, attributes and the held-back titles. Attributes written by hand take precedence over those of the information file. */
async function addTexts(builder: CatalogueBuilder, classes: Map<string, GroceryClass>): Promise<void> {
  for (const { product, description, place } of classes.values()) {
    const text = await builder.text(description, place);
    if (text?.trim()) product.description = text.trim();
    const information = await informationFile(builder, description, place);
    const lines = information && (await builder.text(information, place));
    if (!information || lines === undefined) continue;
    const { title, attributes } = parseInformation(lines, builder.noteIn(information));
    product.attributes = { ...attributes, ...product.attributes };
    if (title)
      builder.pairs.push({ query: { id: `${product.id}/title`, text: title }, product: product.id, split: 'val' });
    else builder.note('missing-title', { file: information }, `no line "Title: ..."; ${product.id} has no text query`);
  }
}

/** The information file that belongs to a description, if it exists. One file of the original data set has another name and is not used. */
async function informationFile(
  builder: CatalogueBuilder,
  description: string,
  place: Place,
): Promise<string | undefined> {
  const expected = basename(description).replace(/Description\.txt$/, 'Information.txt');
  const names = await builder.folder.names(dirname(description));
  if (names.includes(expected)) return `${dirname(description)}/${expected}`;
  const other = names.find((name) => name.endsWith('Information.txt'));
  if (other) {
    const file = `${dirname(description)}/${other}`;
    builder.note('misnamed-file', { file }, `expected the name ${expected}; the file is not used`);
  } else builder.note('missing-file', place, `file ${JSON.stringify(expected)} is missing`);
  return undefined;
}
