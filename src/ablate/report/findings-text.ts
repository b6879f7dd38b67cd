import { detectable, settling } from '../../statistics/power.js';
import type { Difference } from '../../statistics/seed-interval.js';

/** What a difference was measured on. */
export interface Sample {
  products: number;
  queries: number;
  seeds: number;
  /** Rows that are tested together. */
  rows: number;
  /** What a query is, in the plural: photos, or queries of another form. */
  noun: string;
}

/** A fraction as percentage points. */
export const points = (fraction: number) => (100 * fraction).toFixed(1).replace(/^-0\.0$/, '0.0');

/**
 * Whether a difference can be told from none: its interval leaves out 0, and so does the test over products after Holm. The test alone
 * would not do, since it knows nothing of seed variance.
 */
export function isDistinguishable({ low, high }: Pick<Difference, 'low' | 'high'>, p: number): boolean {
  return p < 0.05 && (low > 0 || high < 0);
}

/** What is said of a difference; one seed never says it plainly. */
export function verdict(distinguishable: boolean, seeds: number): string {
  const found = distinguishable ? 'distinguishable' : 'not distinguishable';
  return seeds === 1 ? `${found}, of one seed, which cannot show seed variance` : found;
}

/** `lower by 4.1 [-1.9, 10.2], 60 products, 296 photos x 3 seeds: not distinguishable`. @param p after Holm */
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

/** What a study of this size could have seen, and what would settle a difference that is unclear: one sentence. */
export function describePower(difference: Difference, p: number, sample: Sample): string {
  const { noun } = sample;
  const smallest = `The smallest difference seen in 80 of 100 such studies is ${points(detectable(difference, sample.rows))}`;
  if (isDistinguishable(difference, p)) return `${smallest}.`;
  const more = settling(difference, sample);
  const ways = [
    ...(more.seeds === null ? [] : [`${more.seeds} seeds`]),
    ...(more.queries === null ? [] : [`${more.queries.toLocaleString('en')} ${noun}`]),
  ];
  if (!ways.length)
    return `${smallest}; neither more seeds nor more ${noun} alone would settle one of ${points(Math.abs(difference.value))}.`;
  return `${smallest}; one of ${points(Math.abs(difference.value))} would be settled by ${ways.join(' or ')}.`;
}
