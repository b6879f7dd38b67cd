import { groupBy } from '../../data/group-by.js';
import type { Pair, Product } from '../../data/types.js';
import type { RandomStream } from '../../engine/random.js';

/**
 * Replace the bought product in a fraction of the training pairs by another one of the same leaf category that also trains, and mark these
 * pairs as wrong. Pairs whose category has a single training product stay as they are.
 */
export function withWrongPurchases(
  pairs: readonly Pair[],
  products: readonly Product[],
  fraction: number,
  stream: RandomStream,
): Pair[] {
  if (!fraction) return [...pairs];
  const trained = new Set(pairs.flatMap(({ product, split }) => (split === 'train' ? product : [])));
  const leafOf = new Map(products.map(({ id, category }) => [id, JSON.stringify(category)]));
  const leaves = groupBy([...trained], (id) => leafOf.get(id)!);
  return pairs.map((pair) => {
    if (pair.split !== 'train' || stream.uniform() >= fraction) return pair;
    const others = leaves.get(leafOf.get(pair.product)!)!.filter((id) => id !== pair.product);
    return others.length ? { ...pair, product: stream.pick(others), wrong: true } : pair;
  });
}
