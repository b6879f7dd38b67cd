import { holm } from '../../statistics/holm.js';
import { detectable, type Settling, settling } from '../../statistics/power.js';
import type { Difference } from '../../statistics/seed-interval.js';
import type { Contrast } from './contrast.js';
import { describeDifference, describePower, isDistinguishable, type Sample } from './findings-text.js';

/** What can be said of a difference on the primary metric, and what cannot. */
export interface Finding {
  name: string;
  difference: Difference;
  seeds: number[];
  /** Of the sign flip over products, and after Holm over the rows. */
  p: number;
  holm: number;
  /** Mean difference of products over its standard deviation. */
  effectSize: number | null;
  /** The smallest difference that 80 of 100 such studies would see. */
  detectable: number;
  distinguishable: boolean;
  /** What would settle an unclear one. */
  settledBy: Settling | null;
  /** `lower by 4.1 [-1.9, 10.2], 60 products, 296 photos x 3 seeds: not distinguishable` */
  words: string;
  power: string;
}

/** Findings of several contrasts, which are one family: Holm goes over all of them. */
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
