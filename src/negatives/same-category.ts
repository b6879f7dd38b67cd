import type { Product } from '../data/types.js';
import type { HardCandidates } from './hard.js';

/**
 * Hard-negative candidates: for every product, the products that share its category path down to `level` (1 is the top; default the whole
 * path; a shorter path is used in full). If all of these are duplicates of the product, it uses the nearest higher level with another
 * product. A product without a category, or alone even at the top level, has no hard negative.
 * @param numbers product number of every product, equal for duplicates (see `productNumbers`)
 */
export function sameCategory(
  products: readonly Pick<Product, 'id' | 'category'>[],
  numbers: ReadonlyMap<string, number>,
  level = Number.POSITIVE_INFINITY,
): HardCandidates {
  const members = new Map<string, { ids: string[]; number: number; several: boolean }>();
  const at = (path: readonly string[]) => members.get(JSON.stringify(path));
  for (const { id, category } of products)
    for (let depth = 1; depth <= category.length; depth++) {
      const key = JSON.stringify(category.slice(0, depth));
      const number = numbers.get(id)!;
      const group = members.get(key) ?? { ids: [], number, several: false };
      group.ids.push(id);
      group.several ||= number !== group.number;
      members.set(key, group);
    }
  const of = new Map<string, readonly string[]>();
  const fellBack: HardCandidates['fellBack'] = [];
  const without: string[] = [];
  for (const { id, category } of products) {
    const wanted = category.slice(0, level);
    let used = wanted;
    while (used.length && !at(used)!.several) used = used.slice(0, -1);
    if (!used.length) without.push(id);
    else of.set(id, at(used)!.ids);
    if (used.length && used !== wanted) fellBack.push({ product: id, wanted, used });
  }
  return { of, fellBack, without };
}
