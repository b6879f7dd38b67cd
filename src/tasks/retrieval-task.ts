import { groupBy } from '../data/group-by.js';
import type { Pair, Product } from '../data/types.js';
import type { Field } from '../moon/sequence.js';
import { type Ask, type Input, type Item, slicesOf, type Task } from './task.js';

/** A query and the product that it was asked for. */
export interface Question {
  id: string;
  input: Input;
  product: Product;
  /** Ids of all products that are right, where it is not this one alone. */
  right?: string[];
  /** Slices in addition to form, category and missing fields. */
  slices?: Record<string, string>;
}

/**
 * Make a retrieval task in which the bought product is the correct item. Returns no task without questions or with fewer than two items.
 */
export function retrievalTask(
  name: string,
  said: Pick<Task, 'title' | 'isVariant' | 'query' | 'gallery'>,
  questions: readonly Question[],
  items: Item[],
  more: Partial<Task> = {},
): Task[] {
  if (!questions.length || items.length < 2) return [];
  const asks = questions.map(
    ({ id, input, product, right = [product.id], slices }): Ask => ({
      id,
      input,
      gold: right,
      product: product.id,
      slices: { ...slicesOf(input, product), ...slices },
    }),
  );
  return [{ name, kind: 'retrieval', ...said, asks, items, ...more }];
}

/** A question for each query of the pairs; all products that were bought for it are right. */
export function questionsOf(
  pairs: readonly Pair[],
  products: ReadonlyMap<string, Product>,
): (Question & { right: string[] })[] {
  return [...groupBy(pairs, ({ query }) => query.id).values()].map((same) => {
    const [{ query, product }] = same;
    const right = [...new Set(same.map((pair) => pair.product))];
    return { id: query.id, input: { kind: 'query', query }, product: products.get(product)!, right };
  });
}

/**
 * Products as gallery items.
 * @param withhold fields that the items do not show
 */
export function productItems(products: readonly Product[], withhold: readonly Field[] = []): Item[] {
  return products.map((product) => ({ id: product.id, input: { kind: 'product', product, withhold } }));
}
