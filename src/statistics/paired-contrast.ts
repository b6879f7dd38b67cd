import { effectSize } from './effect-size.js';
import { type Difference, seedIntervals } from './seed-interval.js';
import { clusterMeans, signFlip } from './sign-flip.js';
import type { Statistic } from './statistic.js';

/** One side of a contrast. All sides have the same seeds and queries. */
export interface ContrastPart {
  /** Weight of this side: 1 and -1 for a difference. */
  weight: number;
  /** Metric -> statistic by seed. */
  statistics: Record<string, readonly Statistic[]>;
  /** Metric -> by seed -> value of every query. Only for metrics that are means over queries. */
  values: Record<string, readonly (readonly number[])[]>;
}

/**
 * A difference with the p value of a sign-flip test over clusters and its effect size. Both are null for a metric that is not a mean over
 * queries.
 */
export type TestedDifference = Difference & { p: number | null; effectSize: number | null };

export interface ContrastOptions {
  /** Number of bootstrap samples. */
  draws?: number;
  /** Number of sign flips. */
  flips?: number;
}

/**
 * The weighted sum of the sides for every metric, paired by seed and query.
 * @param clusters product of every query: the cluster of intervals and test
 */
export function pairedContrast(
  parts: readonly ContrastPart[],
  clusters: readonly string[],
  { draws, flips }: ContrastOptions = {},
): Record<string, TestedDifference> {
  const names = Object.keys(parts[0].statistics);
  const sums = names.map((name) =>
    parts[0].statistics[name].map((_, s): Statistic => {
      return (weights) => parts.reduce((sum, { weight, statistics }) => sum + weight * statistics[name][s](weights), 0);
    }),
  );
  const intervals = seedIntervals(sums, clusters, { draws });
  return Object.fromEntries(
    names.map((name, at) => {
      const means = parts[0].values[name] && clusterMeans(contrastOfQueries(parts, name), clusters);
      const test = means
        ? { p: signFlip(means, { draws: flips }), effectSize: effectSize(means) }
        : { p: null, effectSize: null };
      return [name, { ...intervals[at], ...test }];
    }),
  );
}

/** The contrast of every query, averaged over seeds. */
function contrastOfQueries(parts: readonly ContrastPart[], metric: string): number[] {
  return parts[0].values[metric][0].map((_, query) =>
    parts.reduce((sum, { weight, values }) => {
      const bySeed = values[metric];
      return sum + (weight * bySeed.reduce((total, own) => total + own[query], 0)) / bySeed.length;
    }, 0),
  );
}
