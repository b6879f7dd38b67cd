import type { Difference } from './seed-interval.js';

/** Of the tries that make the difference visible: the 80% quantile of a normal variable. */
const POWER = 0.8416;
const INTERVAL = 2 * 1.96;

/**
 * How many standard errors a difference has to be away from 0 to be seen in 80 of 100 tries: at 5%, two-sided, and for the smallest p of
 * so many rows, on which Holm is strictest (Bonferroni's).
 */
function errorsToSee(rows: number): number {
  return normalQuantile(1 - 0.025 / rows) + POWER;
}

/** Of a probability of at least one half. Abramowitz and Stegun 26.2.23: within 0.0005, where simple-statistics' `probit` misses by 0.01. */
function normalQuantile(probability: number): number {
  const t = Math.sqrt(-2 * Math.log(1 - probability));
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

/**
 * The smallest difference that a study of this size would have seen in 80 of 100 tries.
 * @param rows that Holm goes over
 */
export function detectable({ low, high }: Pick<Difference, 'low' | 'high'>, rows: number): number {
  return (errorsToSee(rows) * (high - low)) / INTERVAL;
}

/** How large a study would have to be to see this very difference in 80 of 100 tries; null where no number is enough by itself. */
export interface Settling {
  seeds: number | null;
  queries: number | null;
}

/**
 * What would settle an unclear difference, if it is what it seems: more seeds on the same queries, or more queries (of as many more
 * products) for the same seeds. More seeds take away the variance of seeds and of answers, not that of the drawn queries; more queries the rest.
 * @param rows that Holm goes over
 */
export function settling(
  { value, variance }: Difference,
  { seeds, queries, rows }: { seeds: number; queries: number; rows: number },
): Settling {
  const allowed = (value / errorsToSee(rows)) ** 2;
  const ofQueries = Math.max(0, variance.queries - variance.answers / seeds);
  const ofSeed = variance.answers + variance.seeds;
  const room = allowed - ofQueries;
  const rest = allowed - variance.seeds / seeds;
  // A study of this size has just failed to settle it: more is more than there was.
  return {
    seeds: room > 0 && seeds > 1 ? Math.max(seeds + 1, Math.ceil(ofSeed / room)) : null,
    queries: rest > 0 ? Math.max(queries + 1, Math.ceil((queries * variance.queries) / rest)) : null,
  };
}
