import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../engine/check.js';
import type { Adapter } from './adapter.js';
import { type CsvRecord, csvRecords } from './csv.js';
import { type Draft, type Place, type Reading, startDraft } from './draft.js';
import { type PhotoGroups, readGroups } from './grocery-groups.js';
import { parseInformation } from './grocery-information.js';
import { isObject, parseObject } from './json.js';
import type { Product, Split } from './types.js';

/**
 * The layout of GroceryStoreDataset (Klasson et al., WACV 2019), original or packed: 81 fine classes are the products,
 * natural photos are image queries whose bought product is their class, and the `Title:` of `*_Information.txt` is the text
 * query of the evaluation (split `val`; it stands nowhere in the product). A product's images are the iconic one and then its
 * photos of the split `train`: never those of `dev` or `val`. Beside the original files two optional ones are read:
 * `attributes.json` (fine class name -> attribute -> values) and `groups.json` (bursts and the dev split).
 */
export const grocery: Adapter = {
  name: 'grocery',
  recognises: async (path) => layoutRoot(path) !== undefined,
  read: readGrocery,
};

const photoLists: { file: string; split: Split }[] = [
  { file: 'train.txt', split: 'train' },
  { file: 'val.txt', split: 'val' },
  // The supplied copies have no test.txt; the original distribution does.
  { file: 'test.txt', split: 'test' },
];

/** A fine class as classes.csv gives it. */
interface GroceryClass {
  product: Product;
  coarse: string;
  /** Path of the description, relative to the folder. */
  description: string;
  place: Place;
}

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
  const draft = await startDraft('grocery', root);
  const classes = await readClasses(draft);
  await addAttributes(draft);
  await addTexts(draft, classes);
  const groups = await readGroups(draft);
  for (const list of photoLists) {
    if (existsSync(join(root, list.file))) await addPhotos(draft, classes, list, groups);
  }
  return { ...draft.finish(), ...(groups.check && { neighbours: [groups.check] }) };
}

/** 'Golden-Delicious' -> 'Golden Delicious'. */
function readable(name: string): string {
  return name.replaceAll('-', ' ').trim();
}

/** Fine classes by their number. */
async function readClasses(draft: Draft): Promise<Map<string, GroceryClass>> {
  const file = 'classes.csv';
  const classes = new Map<string, GroceryClass>();
  for await (const { line, cells } of recordsOf(draft, file)) {
    if (line === 1 && cells[0].startsWith('Class Name')) continue;
    const place = { file, line };
    const [name, id, coarse, coarseId, iconic, description] = cells.map((cell) => cell.trim());
    if (!isNumber(id) || !isNumber(coarseId) || !name || !iconic || !description) {
      draft.note('bad-row', place, 'expected name, number, coarse name, coarse number, iconic image, description');
    } else if (classes.has(id) || draft.products.has(name)) {
      draft.note('duplicate-id', place, `class ${name} (${id}) is there already; the first is kept`);
    } else {
      const image = await draft.image([insideName(iconic)], place);
      const images = image ? [image] : [];
      const product = { id: name, title: readable(name), category: categoryOf(iconic, coarse), attributes: {}, images };
      classes.set(id, { product, coarse: coarseId, description: insideName(description), place });
      draft.add(product, place);
    }
  }
  return classes;
}

/** `/iconic-images-and-descriptions/Packages/Juice/Bravo-Apple-Juice/...` of coarse class Juice -> [Packages, Juice]. */
function categoryOf(iconic: string, coarse: string): string[] {
  const folders = insideName(iconic).split('/').slice(1, -1);
  const levels = folders[0] === 'Packages' ? [...folders.slice(0, 2), coarse] : [...folders.slice(0, 1), coarse];
  return levels.filter((level, index) => level !== levels[index - 1]).map(readable);
}

/** Paths in classes.csv begin with a slash that means the data folder. */
function insideName(path: string): string {
  return path.replace(/^\/+/, '');
}

function isNumber(text: string | undefined): boolean {
  return /^\d+$/.test(text ?? '');
}

/** Attributes written down by hand come first; see `addTexts` for those of the information files. */
async function addAttributes(draft: Draft): Promise<void> {
  const file = 'attributes.json';
  if (!(await draft.folder.names('.')).includes(file)) return;
  const text = await draft.text(file, { file });
  const byName = text === undefined ? undefined : parseObject(text, undefined, draft.noteIn(file));
  if (!byName) return;
  for (const [name, attributes] of Object.entries(byName)) {
    const product = draft.products.get(name);
    if (!product) draft.note('unknown-class', { file }, `${JSON.stringify(name)} is not a class of classes.csv`);
    else if (!isAttributes(attributes)) {
      draft.note('bad-attributes', { file }, `${name}: expected { attribute: [value, ...] } with values of text`);
    } else product.attributes = { ...attributes };
  }
}

function isAttributes(value: unknown): value is Record<string, string[]> {
  return (
    isObject(value) &&
    Object.values(value).every((list) => Array.isArray(list) && list.every((item) => typeof item === 'string'))
  );
}

/** The description, and from the information file attributes and the held-back title. */
async function addTexts(draft: Draft, classes: Map<string, GroceryClass>): Promise<void> {
  for (const { product, description, place } of classes.values()) {
    const text = await draft.text(description, place);
    if (text?.trim()) product.description = text.trim();
    const information = await informationFile(draft, description, place);
    const lines = information && (await draft.text(information, place));
    if (!information || lines === undefined) continue;
    const { title, attributes } = parseInformation(lines, draft.noteIn(information));
    product.attributes = { ...attributes, ...product.attributes };
    if (title)
      draft.pairs.push({ query: { id: `${product.id}/title`, text: title }, product: product.id, split: 'val' });
    else draft.note('missing-title', { file: information }, `no line "Title: ..."; ${product.id} has no text query`);
  }
}

/** The name beside the description, if it is there. The original set has one that is called otherwise: it is not used. */
async function informationFile(draft: Draft, description: string, place: Place): Promise<string | undefined> {
  const expected = basename(description).replace(/Description\.txt$/, 'Information.txt');
  const names = await draft.folder.names(dirname(description));
  if (names.includes(expected)) return `${dirname(description)}/${expected}`;
  const other = names.find((name) => name.endsWith('Information.txt'));
  if (other) {
    const file = `${dirname(description)}/${other}`;
    draft.note('misnamed-file', { file }, `expected the name ${expected}; the file is not used`);
  } else draft.note('missing-file', place, `file ${JSON.stringify(expected)} is missing`);
  return undefined;
}

/** Photos of one list: queries all, and further images of their product when they are training photos. */
async function addPhotos(
  draft: Draft,
  classes: Map<string, GroceryClass>,
  { file, split }: { file: string; split: Split },
  groups: PhotoGroups,
): Promise<void> {
  const seen = new Set<string>();
  for await (const { line, cells } of recordsOf(draft, file)) {
    const place = { file, line };
    const [path, fine, coarse] = cells.map((cell) => cell.trim());
    const known = classes.get(fine);
    if (cells.length !== 3 || !isNumber(fine) || !isNumber(coarse)) {
      draft.note('bad-row', place, 'expected path, fine class number, coarse class number');
      continue;
    }
    if (!known) {
      draft.note('unknown-class', place, `class ${fine} is not in classes.csv`);
      continue;
    }
    if (seen.has(path)) {
      draft.note('duplicate-id', place, `photo ${JSON.stringify(path)} is listed already; the first is kept`);
      continue;
    }
    seen.add(path);
    if (coarse !== known.coarse) {
      draft.note(
        'wrong-category',
        place,
        `coarse class ${coarse}, but classes.csv gives ${known.coarse}, which is kept`,
      );
    }
    const image = await draft.image([path], place);
    if (!image) continue;
    const group = groups.groupOf.get(path);
    if (group !== undefined) image.group = group;
    const isDev = split === 'train' && group !== undefined && groups.dev.has(group);
    draft.pairs.push({ query: { id: image.id, image }, product: known.product.id, split: isDev ? 'dev' : split });
    if (split === 'train' && !isDev) known.product.images.push(image);
  }
}

function recordsOf(draft: Draft, file: string): AsyncGenerator<CsvRecord> {
  return csvRecords(join(draft.folder.root, file), draft.noteIn(file), ',');
}
