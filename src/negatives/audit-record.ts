import type { SourceName } from './options.js';

/** Statistics of the negatives of one source. A pair is a query and one of its negatives. */
export interface SourceAudit {
  source: SourceName;
  pairs: number;
  /** Number of different products among a query's negatives, mean over queries. */
  products: number;
  /** Candidates that were excluded because the query bought their product. */
  sameProduct: number;
  /** Pairs whose negative has the same title, or the same attributes, as the bought product: probably false negatives. */
  sameTitle: number;
  sameAttributes: number;
  /** Pairs whose negative is at least as similar to the query as the positive. */
  nearer: number;
  /** Quantiles of the pairs' cosines, rounded to 0.001; null without pairs. */
  similarity: Record<'min' | 'quarter' | 'median' | 'threeQuarters' | 'max', number> | null;
}

/** One of the most similar pairs of a query and a negative. */
export interface HardPair {
  source: SourceName;
  /** Row of the query. */
  query: number;
  /** Product numbers of the bought product and of the negative. */
  positive: number;
  negative: number;
  similarity: number;
  positiveSimilarity: number;
}
