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

/** As the user named it, for manifests and messages. */
export function nameOfData(data: StudyData): string {
  return data.kind === 'shop' ? `shop ${JSON.stringify(data.options)}` : data.path;
}

/** The one task by which rows are compared: the headline of the data's protocol. */
export function headlineTask({ adapter }: Pick<Catalogue, 'adapter'>): string {
  const headlines: Record<string, string> = { grocery: 'g1.full', fashion: 'title-to-image' };
  return headlines[adapter] ?? 'retrieval.image';
}
