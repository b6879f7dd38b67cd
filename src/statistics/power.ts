import type { Difference } from './seed-interval.js';

/** 80% quantile of the standard normal distribution: the required power. */
const POWER = 0.8416;
const INTERVAL = 2 * 1.96;

/**
 * The number of standard errors that a difference needs for a power of 0.8: two-sided at 5%, for the smallest p value among `rows`, for
 * which Holm's method is strictest (Bonferroni).
 */
function requiredErrors(rows: number): number {
  return normalQuantile(1 - 0.025 / rows) + POWER;
}

/**
 * Quantile of the standard normal distribution for a probability of at least 1/2. Abramowitz and Stegun 26.2.23: accurate to 0.0005, while
 * `probit` of simple-statistics is off by 0.01.
 */
function normalQuantile(probability: number): number {
  const t = Math.sqrt(-2 * Math.log(1 - probability));
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

/**
 * The smallest difference that a study of this size detects with a power of 0.8.
 * @param rows number of rows that Holm's method corrects for
 */
export function detectable({ low, high }: Pick<Difference, 'low' | 'high'>, rows: number): number {
  return (requiredErrors(rows) * (high - low)) / INTERVAL;
}

/**
 * The size a study needs to detect the observed difference with a power of 0.8; null if more seeds, or more queries, alone cannot suffice.
 */
export interface Settling {
  seeds: number | null;
  queries: number | null;
}

/**
 * Estimate the size a study needs to settle an unclear difference, assuming that the observed difference is the true one: more seeds for
 * the same queries, or more queries (of proportionally more products) for the same seeds. More seeds reduce the variance of seeds and
 * answers, but not that of the sampled queries; more queries reduce the rest.
 * @param rows number of rows that Holm's method corrects for
 */
export function settling(
  { value, variance }: Difference,
  { seeds, queries, rows }: { seeds: number; queries: number; rows: number },
): Settling {
  const allowed = (value / requiredErrors(rows)) ** 2;
  const ofQueries = Math.max(0, variance.queries - variance.answers / seeds);
  const ofSeed = variance.answers + variance.seeds;
  const room = allowed - ofQueries;
  const rest = allowed - variance.seeds / seeds;
  // A study of this size did not suffice, so the result must be larger.
  return {
    seeds: room > 0 && seeds > 1 ? Math.max(seeds + 1, Math.ceil(ofSeed / room)) : null,
    queries: rest > 0 ? Math.max(queries + 1, Math.ceil((queries * variance.queries) / rest)) : null,
  };
}
