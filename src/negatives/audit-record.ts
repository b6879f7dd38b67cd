import type { SourceName } from './options.js';

/** The negatives of one source. A pair is a query and one negative of it. */
export interface SourceAudit {
  source: SourceName;
  pairs: number;
  /** Different products among a query's negatives, mean over queries. */
  products: number;
  /** Candidates that were left out because the query bought their product. */
  sameProduct: number;
  /** Pairs whose product has the title, or all the attributes, of what was bought: most likely no negatives. */
  sameTitle: number;
  sameAttributes: number;
  /** Pairs in which the negative is at least as near to the query as the positive. */
  nearer: number;
  /** Quantiles of the pairs' cosines, to 0.001: how hard they are. Null without a pair. */
  similarity: Record<'min' | 'quarter' | 'median' | 'threeQuarters' | 'max', number> | null;
}

/** A pair worth looking at. */
export interface HardPair {
  source: SourceName;
  /** Row of the query. */
  query: number;
  /** Numbers of the product that was bought and of the negative's. */
  positive: number;
  negative: number;
  similarity: number;
  positiveSimilarity: number;
}
