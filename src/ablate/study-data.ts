import { resolve } from 'node:path';
import { GROCERY_PACK } from '../data/grocery-pack.js';
import { openCatalogue } from '../data/open.js';
import type { ShopOptions } from '../data/shop/options.js';
import { generateShop } from '../data/shop.js';
import type { Catalogue } from '../data/types.js';

/** Data of a study as a plain record: every process of it opens them anew. */
export type StudyData = { kind: 'folder'; path: string } | { kind: 'shop'; options: ShopOptions };

export const groceryData: StudyData = { kind: 'folder', path: GROCERY_PACK };

export async function openStudyData(data: StudyData): Promise<Catalogue> {
  return data.kind === 'shop' ? generateShop(data.options) : openCatalogue(data.path);
}

/** Data for a process that may run in another folder. */
export function withWholePath(data: StudyData): StudyData {
  return data.kind === 'folder' ? { ...data, path: resolve(data.path) } : data;
}

/** As the user named it, for manifests and messages. */
export function nameOfData(data: StudyData): string {
  return data.kind === 'shop' ? `shop ${JSON.stringify(data.options)}` : data.path;
}
