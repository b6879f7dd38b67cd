import { resolve } from 'node:path';
import type { Catalogue } from '../../data/types.js';
import { GROCERY_PACK } from '../../datasets/grocery/pack.js';
import { openCatalogue } from '../../datasets/open.js';
import type { ShopOptions } from '../../datasets/shop/options.js';
import { generateShop } from '../../datasets/shop/shop.js';

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
