import { mean } from 'simple-statistics';
import { groupBy } from '../data/group-by.js';
import { randomStream } from '../engine/random.js';

/** Mean value of every cluster, in the order of first occurrence. */
export function clusterMeans(values: readonly number[], clusters: readonly string[]): number[] {
  const groups = groupBy(values.keys(), (at) => clusters[at]);
  return [...groups.values()].map((own) => mean(own.map((at) => values[at])));
}

/**
 * Two-sided p value for a mean of 0 by a Monte-Carlo sign-flip test: the fraction of samples with random signs whose mean is at least as
 * far from 0 as observed. The data themselves count as one sample, so that p is never 0.
 * @param means mean difference of every product over its queries and seeds. The product is the unit of the test; seeds are nested in it
 */
export function signFlip(means: readonly number[], { seed = 0, draws = 10_000 } = {}): number {
  const total = (flip: () => boolean) => means.reduce((sum, each) => (flip() ? sum - each : sum + each), 0);
  // Tolerate rounding: sums of the same numbers with other signs must count as equally far from 0.
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
