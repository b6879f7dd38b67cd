import { wrongOption } from '../checks/error.js';
import { randomStream } from '../engine/random.js';
import { groupBy } from './group-by.js';
import type { Catalogue } from './types.js';

/**
 * Divide the product ids into folds of nearly equal size, stratified by top category. The same seed and ids give the same folds.
 * @throws UserError if `folds` is not an integer from 2 to the number of products
 */
export function unseenFolds({ products }: Catalogue, { folds = 5, seed = 0 } = {}): string[][] {
  if (!(Number.isInteger(folds) && folds >= 2 && folds <= products.length))
    throw wrongOption('folds', folds, `an integer from 2 to ${products.length}, the number of products`);
  const stream = randomStream(seed, 'unseen-folds');
  const byTop = [...groupBy(products, ({ category }) => category[0] ?? '')].sort(([a], [b]) => (a < b ? -1 : 1));
  const order = byTop.flatMap(([, members]) => stream.shuffle(members.map(({ id }) => id).sort()));
  return Array.from({ length: folds }, (_, fold) => order.filter((_, at) => at % folds === fold));
}

/** The catalogue without the given products, their photos and their texts, so that training never sees them. */
export function withoutProducts(catalogue: Catalogue, ids: readonly string[]): Catalogue {
  const out = new Set(ids);
  return {
    ...catalogue,
    products: catalogue.products.filter(({ id }) => !out.has(id)),
    pairs: catalogue.pairs.filter(({ product }) => !out.has(product)),
  };
}
