import { statisticsBySeed } from '../../evaluate/measure.js';
import type { Asked } from '../../evaluate/task-result.js';
import { type Difference, seedIntervals } from '../../statistics/seed-interval.js';
import { clusterMeans, signFlip } from '../../statistics/sign-flip.js';
import type { Statistic } from '../../statistics/statistic.js';
import { taskKind } from '../../tasks/kinds/index.js';
import { ofSeeds, type RowAnswers } from '../run/row-answers.js';

/** A weighted sum of rows: a row less the base, or an effect of a factorial. */
export type Part = { weight: number; answers: RowAnswers };

/** A difference of every metric, paired by seed and query. */
export interface Contrast {
  /** Seeds that all of its rows have. */
  seeds: number[];
  metrics: Record<string, Difference & { p: number | null; effectSize: number | null }>;
}

export interface ContrastOptions {
  draws?: number;
  flips?: number;
}

/** A row less another one. */
export const less = (one: RowAnswers, other: RowAnswers): Part[] => [
  { weight: 1, answers: one },
  { weight: -1, answers: other },
];

/** The contrast of some rows on the seeds that they share; undefined where they share none. */
export function contrast(
  kind: string,
  asks: readonly Asked[],
  parts: readonly Part[],
  { draws, flips }: ContrastOptions = {},
): Contrast | undefined {
  const seeds = parts[0].answers.seeds.filter((seed) => parts.every(({ answers }) => answers.seeds.includes(seed)));
  if (!seeds.length) return undefined;
  const paired = parts.map(({ weight, answers }) => ({ weight, answers: ofSeeds(answers, seeds) }));
  const golds = asks.map(({ gold }) => gold);
  const products = asks.map(({ product }) => product);
  const statistics = paired.map(({ weight, answers }) => ({
    weight,
    of: statisticsBySeed(kind, answers.bySeed, golds),
  }));
  const names = Object.keys(statistics[0].of);
  const sums = names.map((name) =>
    seeds.map((_, s): Statistic => {
      return (weights) => statistics.reduce((sum, { weight, of }) => sum + weight * of[name][s](weights), 0);
    }),
  );
  const intervals = seedIntervals(sums, products, { draws });
  return {
    seeds,
    metrics: Object.fromEntries(
      names.map((name, at) => {
        const perQuery = taskKind(kind).perQuery[name];
        const means = perQuery && clusterMeans(meanOverSeeds(paired, perQuery), products);
        const test = means
          ? { p: signFlip(means, { draws: flips }), effectSize: standardised(means) }
          : { p: null, effectSize: null };
        return [name, { ...intervals[at], ...test }];
      }),
    ),
  };
}

/** Every query's contrast, the mean over seeds. */
function meanOverSeeds(
  parts: readonly Part[],
  metric: (answer: RowAnswers['bySeed'][number][number]) => number,
): number[] {
  const { bySeed } = parts[0].answers;
  return bySeed[0].map((_, query) =>
    parts.reduce(
      (sum, { weight, answers }) =>
        sum +
        (weight * answers.bySeed.reduce((total, answered) => total + metric(answered[query]), 0)) /
          answers.bySeed.length,
      0,
    ),
  );
}

/** Effect size: the mean of paired differences of products over their standard deviation; null where they are all alike. */
function standardised(means: readonly number[]): number | null {
  const mean = means.reduce((sum, each) => sum + each, 0) / means.length;
  const spread = Math.sqrt(means.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (means.length - 1));
  return spread > 0 ? mean / spread : null;
}
