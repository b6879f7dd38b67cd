import { mean } from 'simple-statistics';
import { groupBy } from '../data/group-by.js';
import { randomStream } from '../engine/random.js';
import { meanOf, type Statistic } from './statistic.js';

/**
 * A value with its 95% confidence interval.
 * @example
 * ```ts
 * const { value, low, high }: moon.Interval = moon.statistics.clusterBootstrap([1, 0, 1, 1], ['a', 'a', 'b', 'c']);
 * ```
 */
export interface Interval {
  value: number;
  low: number;
  high: number;
}

export interface BootstrapOptions {
  seed?: number;
  /** Number of bootstrap samples. Default 2000. */
  draws?: number;
}

/**
 * Mean over queries with a cluster bootstrap interval: resample products with replacement, then the queries of each.
 * @param clusters `clusters[i]` is the product of `values[i]`
 */
export function clusterBootstrap(
  values: readonly number[],
  clusters: readonly string[],
  options?: BootstrapOptions,
): Interval {
  return bootstrapAll([[meanOf(values)]], clusters, options)[0];
}

/**
 * Cluster bootstrap intervals of several statistics over the same queries, from the same samples: resample products with replacement, the
 * queries of each, and training seeds. Seeds are crossed with products, because all queries share the variance of a seed: each sample draws
 * one set of seeds and averages over it.
 * @param statistics `statistics[k][s]` is the k-th statistic for seed s; a single one is used for all seeds
 * @param clusters product of every query
 */
export function bootstrapAll(
  statistics: readonly (readonly Statistic[])[],
  clusters: readonly string[],
  { seed = 0, draws = 2000 }: BootstrapOptions = {},
): Interval[] {
  const seeds = Math.max(1, ...statistics.map(({ length }) => length));
  const seedStream = randomStream(seed, 'bootstrap').child('seeds');
  const results = statistics.map(() => new Float64Array(draws));
  resampleQueries(clusters, { seed, draws }, (weights, draw) => {
    const drawnSeeds = Array.from({ length: seeds }, () => (seeds > 1 ? seedStream.integer(seeds) : 0));
    statistics.forEach((bySeed, at) => {
      results[at][draw] = mean(drawnSeeds.map((drawn) => bySeed[drawn % bySeed.length](weights)));
    });
  });
  const ones = new Float64Array(clusters.length).fill(1);
  return statistics.map((bySeed, at) => ({
    value: mean(bySeed.map((statistic) => statistic(ones))),
    ...percentiles(results[at]),
  }));
}

/**
 * Resample products with replacement, and the queries of each, and pass the number of times each query was drawn to `visit`. The weights
 * are valid until `visit` returns.
 */
export function resampleQueries(
  clusters: readonly string[],
  { seed = 0, draws = 2000 }: BootstrapOptions,
  visit: (weights: Float64Array, draw: number) => void,
): void {
  const groups = [...groupBy(clusters.keys(), (at) => clusters[at]).values()];
  const stream = randomStream(seed, 'bootstrap');
  const weights = new Float64Array(clusters.length);
  for (let draw = 0; draw < draws; draw++) {
    weights.fill(0);
    for (let drawn = 0; drawn < groups.length; drawn++) {
      const group = stream.pick(groups);
      for (let member = 0; member < group.length; member++) weights[stream.pick(group)]++;
    }
    visit(weights, draw);
  }
}

/** The 2.5% and 97.5% percentiles. Sorts the array in place. */
export function percentiles(drawn: Float64Array): Pick<Interval, 'low' | 'high'> {
  const sorted = drawn.sort();
  return { low: sorted[Math.floor(sorted.length * 0.025)], high: sorted[Math.ceil(sorted.length * 0.975) - 1] };
}
