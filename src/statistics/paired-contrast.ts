import { effectSize } from './effect-size.js';
import { type Difference, seedIntervals } from './seed-interval.js';
import { clusterMeans, signFlip } from './sign-flip.js';
import type { Statistic } from './statistic.js';

/** A side of a contrast, answered by the same seeds to the same queries as the others. */
export interface ContrastPart {
  /** How often it counts: 1 and -1 for a difference. */
  weight: number;
  /** Metric -> by seed. */
  statistics: Record<string, readonly Statistic[]>;
  /** Metric -> by seed -> of every query; of the metrics that are means over queries. */
  values: Record<string, readonly (readonly number[])[]>;
}

/** A difference with the p of a sign flip over clusters and its effect size; null for a metric that is no mean over queries. */
export type TestedDifference = Difference & { p: number | null; effectSize: number | null };

export interface ContrastOptions {
  /** Draws of the intervals. */
  draws?: number;
  /** Of the sign flip. */
  flips?: number;
}

/**
 * The weighted sum of parts on every metric, paired by seed and query.
 * @param clusters product of every query: the unit of intervals and test
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

/** Every query's contrast, of the mean over seeds. */
function contrastOfQueries(parts: readonly ContrastPart[], metric: string): number[] {
  return parts[0].values[metric][0].map((_, query) =>
    parts.reduce((sum, { weight, values }) => {
      const bySeed = values[metric];
      return sum + (weight * bySeed.reduce((total, own) => total + own[query], 0)) / bySeed.length;
    }, 0),
  );
}
