import { type SourceName, type SourceUse, sourceNames } from '../negatives/options.js';
import type { StepSample } from './sample.js';

/**
 * Count the distinct products that each source contributes to a step: those that are a negative of at least one query by the rules of
 * `itemMasks`. With few products, many negatives are duplicates.
 * @param queue product numbers in the queue, if it is used in this step
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
