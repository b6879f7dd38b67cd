import { randomStream } from '../engine/random.js';

/** A mean with its 95% interval. */
export interface Interval {
  value: number;
  low: number;
  high: number;
}

/**
 * Mean over queries with a cluster bootstrap interval: products are drawn with replacement, then the queries of each
 * (docs/protocols: products, then their photos). `clusters[i]` names the product of `values[i]`.
 */
export function clusterBootstrap(
  values: readonly number[],
  clusters: readonly string[],
  { seed = 0, draws = 2000 }: { seed?: number; draws?: number } = {},
): Interval {
  const byCluster = new Map<string, number[]>();
  values.forEach((value, at) => {
    const members = byCluster.get(clusters[at]);
    if (members) members.push(value);
    else byCluster.set(clusters[at], [value]);
  });
  const groups = [...byCluster.values()];
  const stream = randomStream(seed, 'bootstrap');
  const means = Float64Array.from({ length: draws }, () => {
    let sum = 0;
    let count = 0;
    for (let drawn = 0; drawn < groups.length; drawn++) {
      const group = stream.pick(groups);
      for (let member = 0; member < group.length; member++) sum += stream.pick(group);
      count += group.length;
    }
    return sum / count;
  }).sort();
  const value = values.reduce((sum, each) => sum + each, 0) / values.length;
  return { value, low: means[Math.floor(draws * 0.025)], high: means[Math.ceil(draws * 0.975) - 1] };
}
