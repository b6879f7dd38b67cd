import type { Pair, Product } from '../../data/types.js';
import { type FactName, factKey } from './facts.js';
import type { Shop } from './shop-type.js';

/** Ids of products that are equal in every visible attribute, in groups of two or more: nobody can tell them apart. */
export function visibleDuplicates(shop: Shop): string[][] {
  return [...groupBy(shop, shop.products).values()].filter((group) => group.length > 1);
}

/**
 * The highest recall@k that any method can expect for the pairs against the gallery: of the products that fit all that a
 * query shows or says, the bought one is among the first k by chance. A photo shows every attribute; a text tells those it
 * names. Pairs whose product is not in the gallery count as misses. NaN without pairs.
 */
export function attainableRecall(
  shop: Shop,
  pairs: readonly Pair[] = shop.pairs,
  k = 1,
  gallery: readonly Product[] = shop.products,
): number {
  const indices = new Map<string, Map<string, string[]>>();
  const present = new Set(gallery.map((product) => product.id));
  let sum = 0;
  for (const { query, product } of pairs) {
    if (!present.has(product)) continue;
    const names = query.image ? undefined : shop.told.get(query.id);
    const index = indices.get(String(names)) ?? groupBy(shop, gallery, names);
    indices.set(String(names), index);
    const fitting = index.get(factKey(shop.facts.get(product)!, names))!;
    sum += Math.min(1, k / fitting.length);
  }
  return sum / pairs.length;
}

function groupBy(shop: Shop, products: readonly Product[], names?: readonly FactName[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { id } of products) {
    const key = factKey(shop.facts.get(id)!, names);
    const group = groups.get(key);
    if (group) group.push(id);
    else groups.set(key, [id]);
  }
  return groups;
}
