import { mean } from 'simple-statistics';
import { groupBy } from '../data/group-by.js';
import { randomStream } from '../engine/random.js';

/** Mean of the values of every cluster, in the order of their first value. */
export function clusterMeans(values: readonly number[], clusters: readonly string[]): number[] {
  const groups = groupBy(values.keys(), (at) => clusters[at]);
  return [...groups.values()].map((own) => mean(own.map((at) => values[at])));
}

/**
 * Two-sided p of a mean of 0 by a Monte-Carlo sign flip: how often the mean is at least as far from 0 when every product's mean
 * difference has its sign drawn anew. Counts the data themselves as one draw, so that p is never 0.
 * @param means difference of every product, over its queries and seeds: the unit is the product, seeds are nested in it
 */
export function signFlip(means: readonly number[], { seed = 0, draws = 10_000 } = {}): number {
  const total = (flip: () => boolean) => means.reduce((sum, each) => (flip() ? sum - each : sum + each), 0);
  // Sums of the same numbers with other signs differ by rounding: as far is as far.
  const observed = Math.abs(total(() => false)) * (1 - 1e-12);
  const stream = randomStream(seed, 'sign flip');
  let bits = 0;
  let left = 0;
  const toss = () => {
    if (left === 0) {
      bits = stream.integer(2 ** 30);
      left = 30;
    }
    left--;
    const side = bits & 1;
    bits >>= 1;
    return side === 1;
  };
  let asFar = 1;
  for (let draw = 0; draw < draws; draw++) if (Math.abs(total(toss)) >= observed) asFar++;
  return asFar / (draws + 1);
}
