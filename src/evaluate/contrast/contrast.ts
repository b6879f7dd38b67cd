import { type ContrastOptions, pairedContrast, type TestedDifference } from '../../statistics/paired-contrast.js';
import { type Answered, taskKind } from '../../tasks/kinds/index.js';
import { statisticsBySeed } from '../measure.js';
import type { Asked } from '../task-result.js';

export type { ContrastOptions } from '../../statistics/paired-contrast.js';

/** The answers of a row or system to the queries of one task, by seed. All that are compared have the same queries in the same order. */
export interface SeedAnswers<Answer extends Answered = Answered> {
  seeds: readonly number[];
  /** `bySeed[s][q]` */
  bySeed: readonly (readonly Answer[])[];
}

/** A row and its weight in a contrast (a weighted sum): a row minus the base, or an effect of a factorial design. */
export type Part = { weight: number; answers: SeedAnswers };

/** A contrast of every metric, paired by seed and query. */
export interface Contrast {
  /** Seeds that all rows have. */
  seeds: number[];
  metrics: Record<string, TestedDifference>;
}

/** The contrast `one` minus `other`. */
export const differenceOf = (one: SeedAnswers, other: SeedAnswers): Part[] => [
  { weight: 1, answers: one },
  { weight: -1, answers: other },
];

/** Compute a contrast on the seeds that all of its rows share; undefined if they share none. */
export function contrast(
  kind: string,
  asks: readonly Asked[],
  parts: readonly Part[],
  options: ContrastOptions = {},
): Contrast | undefined {
  const seeds = parts[0].answers.seeds.filter((seed) => parts.every(({ answers }) => answers.seeds.includes(seed)));
  if (!seeds.length) return undefined;
  const golds = asks.map(({ gold }) => gold);
  const perQuery = Object.entries(taskKind(kind).perQuery);
  const paired = parts.map(({ weight, answers }) => {
    const { bySeed } = ofSeeds(answers, seeds);
    return {
      weight,
      statistics: statisticsBySeed(kind, bySeed, golds),
      values: Object.fromEntries(perQuery.map(([name, metric]) => [name, bySeed.map((own) => own.map(metric))])),
    };
  });
  const products = asks.map(({ product }) => product);
  return { seeds, metrics: pairedContrast(paired, products, options) };
}

/** The answers, restricted to the given seeds. */
function ofSeeds({ seeds, bySeed }: SeedAnswers, wanted: readonly number[]): SeedAnswers {
  const kept = seeds.flatMap((seed, at) => (wanted.includes(seed) ? [at] : []));
  return { seeds: kept.map((at) => seeds[at]), bySeed: kept.map((at) => bySeed[at]) };
}
