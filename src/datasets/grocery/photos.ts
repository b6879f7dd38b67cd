import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CatalogueBuilder, Place } from '../../data/catalogue-builder.js';
import { type CsvRecord, csvRecords } from '../../data/tables/csv.js';
import { excerpt } from '../../data/tables/json.js';
import type { Product, Split } from '../../data/types.js';
import { type GroceryClass, isNumber } from './classes.js';
import type { PhotoGroups } from './groups.js';

const photoLists: { file: string; split: Split }[] = [
  { file: 'train.txt', split: 'train' },
  { file: 'val.txt', split: 'val' },
  // The copy in this repository has no test.txt; the original distribution does.
  { file: 'test.txt', split: 'test' },
];

/** Read all photo lists. Every photo is a query; photos of the split `train` are also images of their product. */
export async function addPhotos(
  builder: CatalogueBuilder,
  classes: Map<string, GroceryClass>,
  groups: PhotoGroups,
): Promise<void> {
  const seen = new Set<string>();
  for (const { file, split } of photoLists) {
    const path = join(builder.folder.root, file);
    if (!existsSync(path)) continue;
    for await (const record of csvRecords(path, builder.noteIn(file), ',')) {
      const photo = checkPhoto(builder, record, file, classes, seen);
      const image = photo && (await builder.image([photo.path], photo.place, { leavesOutQuery: true }));
      if (!image) continue;
      const group = groups.groupOf.get(photo.path);
      if (group !== undefined) image.group = group;
      const isDev = split === 'train' && group !== undefined && groups.dev.has(group);
      builder.pairs.push({ query: { id: image.id, image }, product: photo.product.id, split: isDev ? 'dev' : split });
      if (split === 'train' && !isDev) photo.product.images.push(image);
    }
  }
}

interface ListedPhoto {
  path: string;
  product: Product;
  place: Place;
}

function checkPhoto(
  { note }: CatalogueBuilder,
  { line, cells }: CsvRecord,
  file: string,
  classes: Map<string, GroceryClass>,
  seen: Set<string>,
): ListedPhoto | undefined {
  const place = { file, line };
  const [path, fine, coarse] = cells.map((cell) => cell.trim());
  const known = classes.get(fine);
  if (cells.length !== 3 || !isNumber(fine) || !isNumber(coarse)) {
    note('bad-row', place, 'expected path, fine class number, coarse class number');
  } else if (!known) {
    note('unknown-class', place, `class ${fine} is not in classes.csv`);
  } else if (seen.has(path)) {
    note('duplicate-id', place, `photo ${excerpt(path)} is listed twice; the first is kept`);
  } else {
    if (coarse !== known.coarse) {
      note('wrong-category', place, `coarse class ${coarse}, but classes.csv gives ${known.coarse}, which is kept`);
    }
    seen.add(path);
    return { path, product: known.product, place };
  }
  return undefined;
}
