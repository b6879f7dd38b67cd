import { mean } from 'simple-statistics';
import { groupBy } from '../data/group-by.js';
import { randomStream } from '../engine/random.js';
import { meanOf, type Statistic } from './statistic.js';

/** A number with its 95% interval. */
export interface Interval {
  value: number;
  low: number;
  high: number;
}

export interface BootstrapOptions {
  seed?: number;
  /** Default 2000. */
  draws?: number;
}

/**
 * Mean over queries with a cluster bootstrap interval: products are drawn with replacement, then the queries of each
 * (docs/protocols: products, then their photos). `clusters[i]` names the product of `values[i]`.
 */
export function clusterBootstrap(
  values: readonly number[],
  clusters: readonly string[],
  options?: BootstrapOptions,
): Interval {
  return bootstrapAll([[meanOf(values)]], clusters, options)[0];
}

/**
 * Intervals of several statistics of the same queries from the same draws: products with replacement, the queries of each, and
 * training seeds. Seeds are crossed with products, since all queries share the variance of a seed: one set of seeds a draw,
 * whose mean counts.
 * @param statistics `statistics[k][s]` is the k-th statistic of what seed s answered; one alone is the same for all seeds
 */
export function bootstrapAll(
  statistics: readonly (readonly Statistic[])[],
  clusters: readonly string[],
  { seed = 0, draws = 2000 }: BootstrapOptions = {},
): Interval[] {
  const seeds = Math.max(1, ...statistics.map(({ length }) => length));
  const seedStream = randomStream(seed, 'bootstrap').child('seeds');
  const results = statistics.map(() => new Float64Array(draws));
  drawQueries(clusters, { seed, draws }, (weights, draw) => {
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
 * Draw products with replacement and the queries of each, and show how often every query was drawn. The weights are valid until
 * `visit` returns.
 */
export function drawQueries(
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

/** The middle 95% of draws. Sorts them. */
export function percentiles(drawn: Float64Array): Pick<Interval, 'low' | 'high'> {
  const sorted = drawn.sort();
  return { low: sorted[Math.floor(sorted.length * 0.025)], high: sorted[Math.ceil(sorted.length * 0.975) - 1] };
}
