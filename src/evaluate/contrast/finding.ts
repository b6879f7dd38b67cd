import { holm } from '../../statistics/holm.js';
import { detectable, type Settling, settling } from '../../statistics/power.js';
import type { Difference } from '../../statistics/seed-interval.js';
import type { Contrast } from './contrast.js';
import { describeDifference, describePower, isDistinguishable, type Sample } from './findings-text.js';

/** A difference on the primary metric with its tests, and what the study could detect. */
export interface Finding {
  name: string;
  difference: Difference;
  seeds: number[];
  /** p-value of a sign-flip test over products, before and after Holm's correction over all rows. */
  p: number;
  holm: number;
  /** Mean over products of the difference, divided by its standard deviation over products. */
  effectSize: number | null;
  /** The smallest difference that a study of this size detects with 80% power. */
  detectable: number;
  distinguishable: boolean;
  /** How many seeds or queries would detect this difference, if it is not distinguishable. */
  settledBy: Settling | null;
  /** `lower by 4.1 [-1.9, 10.2], 60 products, 296 photos x 3 seeds: not distinguishable` */
  words: string;
  power: string;
}

/** Findings of several contrasts. Holm's correction treats all of them as one family. */
export function findingsOf(
  contrasts: ReadonlyMap<string, Contrast>,
  metric: string,
  sample: Omit<Sample, 'seeds' | 'rows'>,
): Finding[] {
  const tested = [...contrasts].map(([name, { seeds, metrics }]) => ({ name, seeds, ...metrics[metric] }));
  const adjusted = holm(tested.map(({ p }) => p ?? 1));
  return tested.map(({ name, seeds, p, effectSize, ...difference }, at): Finding => {
    const of = { ...sample, seeds: seeds.length, rows: tested.length };
    const distinguishable = isDistinguishable(difference, adjusted[at]);
    return {
      name,
      difference,
      seeds,
      p: p ?? 1,
      holm: adjusted[at],
      effectSize,
      detectable: detectable(difference, tested.length),
      distinguishable,
      settledBy: distinguishable ? null : settling(difference, of),
      words: describeDifference(difference, adjusted[at], of),
      power: describePower(difference, adjusted[at], of),
    };
  });
}
