import type { Interval } from '../../statistics/bootstrap.js';
import { detectable, settling } from '../../statistics/power.js';
import type { Difference } from '../../statistics/seed-interval.js';

/** The sample that a difference was measured on. */
export interface Sample {
  products: number;
  queries: number;
  seeds: number;
  /** Rows that are tested together. */
  rows: number;
  /** Plural noun for queries: `photos` or `queries`. */
  noun: string;
}

/** A fraction as percentage points. */
export const points = (fraction: number) => (100 * fraction).toFixed(1).replace(/^-0\.0$/, '0.0');

/**
 * Whether a difference is distinguishable from 0: its interval excludes 0, and the p-value over products after Holm's correction is below
 * 0.05. The test alone would not suffice, since it ignores seed variance.
 */
export function isDistinguishable({ low, high }: Pick<Difference, 'low' | 'high'>, p: number): boolean {
  return p < 0.05 && (low > 0 || high < 0);
}

/** Whether a difference is distinguishable, in words. For a single seed it adds that seed variance is unknown. */
export function verdict(distinguishable: boolean, seeds: number): string {
  const found = distinguishable ? 'distinguishable' : 'not distinguishable';
  return seeds === 1 ? `${found}, but one seed cannot show seed variance` : found;
}

/** `lower by 4.1 [-1.9, 10.2], 60 products, 296 photos x 3 seeds: not distinguishable`. @param p after Holm's correction */
export function describeDifference(
  difference: Difference,
  p: number,
  { products, queries, seeds, noun }: Sample,
): string {
  const { value, low, high } = difference;
  const by =
    value < 0
      ? `lower by ${points(-value)} [${points(-high)}, ${points(-low)}]`
      : `higher by ${points(value)} [${points(low)}, ${points(high)}]`;
  const found = verdict(isDistinguishable(difference, p), seeds);
  return `${by}, ${products} products, ${queries} ${noun} x ${seeds} seed${seeds === 1 ? '' : 's'}: ${found}`;
}

/** One sentence: the smallest detectable difference, and how many seeds or queries would detect one that is not distinguishable. */
export function describePower(difference: Difference, p: number, sample: Sample): string {
  const { noun } = sample;
  const smallest = `The smallest difference detectable with 80% power is ${points(detectable(difference, sample.rows))}`;
  if (isDistinguishable(difference, p)) return `${smallest}.`;
  const more = settling(difference, sample);
  const ways = [
    ...(more.seeds === null ? [] : [`${more.seeds} seeds`]),
    ...(more.queries === null ? [] : [`${more.queries.toLocaleString('en')} ${noun}`]),
  ];
  if (!ways.length)
    return `${smallest}; neither more seeds nor more ${noun} alone would suffice for one of ${points(Math.abs(difference.value))}.`;
  return `${smallest}; one of ${points(Math.abs(difference.value))} would take ${ways.join(' or ')}.`;
}

/** A fraction with its interval in percent: `41.2 [35.0, 47.3]`. */
export const estimate = ({ value, low, high }: Interval): string =>
  `${points(value)} [${points(low)}, ${points(high)}]`;
