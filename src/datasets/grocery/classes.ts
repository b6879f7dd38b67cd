import { join } from 'node:path';
import type { CatalogueBuilder, Place } from '../../data/catalogue-builder.js';
import { csvRecords } from '../../data/tables/csv.js';
import type { Product } from '../../data/types.js';

/** A fine class of classes.csv. */
export interface GroceryClass {
  product: Product;
  /** Number of its coarse class. */
  coarse: string;
  /** Path of the description, relative to the folder. */
  description: string;
  place: Place;
}

/** 'Golden-Delicious' -> 'Golden Delicious'. */
function readable(name: string): string {
  return name.replaceAll('-', ' ').trim();
}

/** Read classes.csv and add its fine classes as products. Returns class number -> fine class. */
export async function readClasses(builder: CatalogueBuilder): Promise<Map<string, GroceryClass>> {
  const file = 'classes.csv';
  const classes = new Map<string, GroceryClass>();
  for await (const { line, cells } of csvRecords(join(builder.folder.root, file), builder.noteIn(file), ',')) {
    if (line === 1 && cells[0].startsWith('Class Name')) continue;
    const place = { file, line };
    const [name, id, coarse, coarseId, iconic, description] = cells.map((cell) => cell.trim());
    if (!isNumber(id) || !isNumber(coarseId) || !name || !iconic || !description) {
      builder.note('bad-row', place, 'expected name, number, coarse name, coarse number, iconic image, description');
    } else if (classes.has(id) || builder.products.has(name)) {
      builder.note('duplicate-id', place, `class ${name} (${id}) is listed twice; the first is kept`);
    } else {
      const image = await builder.image([insideName(iconic)], place);
      const images = image ? [image] : [];
      const product = { id: name, title: readable(name), category: categoryOf(iconic, coarse), attributes: {}, images };
      classes.set(id, { product, coarse: coarseId, description: insideName(description), place });
      builder.add(product, place);
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

/** Paths in classes.csv begin with a slash, which stands for the data folder. */
function insideName(path: string): string {
  return path.replace(/^\/+/, '');
}

/** Whether a text is a class number: digits only. */
export function isNumber(text: string | undefined): boolean {
  return /^\d+$/.test(text ?? '');
}
