import type { Pair, Product } from '../../data/types.js';
import { type FactName, factKey } from './facts.js';
import type { Shop } from './shop-type.js';

/** Groups of two or more product ids whose products are equal in every visible attribute and so cannot be told apart. */
export function visibleDuplicates(shop: Shop): string[][] {
  return [...groupBy(shop, shop.products).values()].filter((group) => group.length > 1);
}

/**
 * The highest expected recall@k of any method for the pairs against the gallery. Among the products that match everything that a query
 * shows or says, the bought one is in the top k by chance. A photo shows every attribute; a text tells only those that it names. Pairs
 * whose product is not in the gallery count as misses. NaN if there are no pairs.
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
