import { type SourceName, type SourceUse, sourceNames } from '../negatives/options.js';
import type { StepSample } from './sample.js';

/**
 * How many different products each source brings to a draw: those that are a negative of some query of it, by the rules of `itemMasks`.
 * Of few products many negatives are the same ones.
 * @param queue numbers of the products in the queue, where it counts in this step
 */
export function uniqueNegatives(
  {
    numbers,
    positiveOf,
    hardOf,
    queryGroups,
    itemGroups,
  }: Pick<StepSample, 'numbers' | 'positiveOf' | 'hardOf' | 'queryGroups' | 'itemGroups'>,
  { weights }: SourceUse,
  queue: ArrayLike<number> = [],
): Partial<Record<SourceName, number>> {
  const found = new Map(sourceNames.map((source) => [source, new Set<number>()]));
  const queued = new Set(Array.from(queue));
  const add = (source: SourceName, query: number, product: number) => {
    if (product >= 0 && product !== numbers[positiveOf[query]]) found.get(source)!.add(product);
  };
  for (let query = 0; query < positiveOf.length; query++) {
    for (const [row, product] of numbers.entries()) {
      if (hardOf?.[query] === row) add('hard', query, product);
      else add(queryGroups[query] === itemGroups[row] ? 'inBatch' : 'spatial', query, product);
    }
    for (const product of queued) add('temporal', query, product);
  }
  const on = [...found].filter(([source, products]) => weights[source] > 0 && products.size);
  return Object.fromEntries(on.map(([source, products]) => [source, products.size]));
}
