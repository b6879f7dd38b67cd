import type { HardPair, SourceAudit } from './audit-record.js';

/** Running counts of one source. */
export type Tally = Omit<SourceAudit, 'source' | 'similarity'> & {
  bins: Int32Array;
  /** Product number -> last query that had this product as a negative. */
  lastQuery: Map<number, number>;
};

export function newTally(): Tally {
  const counts = { pairs: 0, products: 0, sameProduct: 0, sameTitle: 0, sameAttributes: 0, nearer: 0 };
  return { ...counts, bins: new Int32Array(BINS), lastQuery: new Map() };
}

/** Count one pair. Pairs of one query must be consecutive. */
export function count(tally: Tally, query: number, negative: number, similarity: number): void {
  tally.pairs++;
  tally.bins[Math.round(((Math.min(1, Math.max(-1, similarity)) + 1) / 2) * (BINS - 1))]++;
  if (tally.lastQuery.get(negative) === query) return;
  tally.products++;
  tally.lastQuery.set(negative, query);
}

/** Bins of width 0.001 from -1 to 1. */
const BINS = 2001;

export function quantiles(bins: Int32Array, pairs: number): NonNullable<SourceAudit['similarity']> {
  const at = (fraction: number) => {
    let left = Math.ceil(fraction * pairs) || 1;
    const bin = bins.findIndex((filled) => {
      left -= filled;
      return left <= 0;
    });
    return (2 * bin - (BINS - 1)) / (BINS - 1);
  };
  return { min: at(0), quarter: at(0.25), median: at(0.5), threeQuarters: at(0.75), max: at(1) };
}

/** Similarity that a pair must exceed to be among the `max` hardest. */
export function hardnessThreshold(top: readonly HardPair[], max: number): number {
  return top.length < max ? -Infinity : (top.at(-1)?.similarity ?? Infinity);
}

/** Insert a pair, hardest first, and keep at most `max`. */
export function insertHardest(top: HardPair[], pair: HardPair, max: number): void {
  const place = top.findIndex(({ similarity }) => similarity < pair.similarity);
  top.splice(place < 0 ? top.length : place, 0, pair);
  if (top.length > max) top.pop();
}
