import type { Difference } from './seed-interval.js';

/** Two-sided 5%, and 80% of the tries that see the difference: 1.960 + 0.842 standard errors. */
const SEEN = 2.802;
const INTERVAL = 2 * 1.96;

/** The smallest difference that a study of this size would have seen in 80 of 100 tries. */
export function detectable({ low, high }: Pick<Difference, 'low' | 'high'>): number {
  return (SEEN * (high - low)) / INTERVAL;
}

/** How large a study would have to be to see this very difference in 80 of 100 tries; null where no number is enough by itself. */
export interface Settling {
  seeds: number | null;
  queries: number | null;
}

/**
 * What would settle an unclear difference, if it is what it seems: more seeds on the same queries, or more queries (of as many more
 * products) for the same seeds. More seeds take away the luck of seeds and of answers, not the draw of queries; more queries the rest.
 */
export function settling({ value, variance }: Difference, seeds: number, queries: number): Settling {
  const allowed = (value / SEEN) ** 2;
  const ofQueries = Math.max(0, variance.queries - variance.answers / seeds);
  const ofSeed = variance.answers + variance.seeds;
  const room = allowed - ofQueries;
  const rest = allowed - variance.seeds / seeds;
  return {
    seeds: room > 0 && seeds > 1 ? Math.max(seeds, Math.ceil(ofSeed / room)) : null,
    queries: rest > 0 ? Math.max(queries, Math.ceil((queries * variance.queries) / rest)) : null,
  };
}
