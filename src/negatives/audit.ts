import type { Product } from '../data/types.js';
import * as tf from '../engine/tf.js';
import { requireFinite } from './finite.js';
import { histogram, type Quantiles } from './histogram.js';
import { type ContrastiveInput, itemMasks, otherProducts, type SourceName } from './sources.js';

/** The negatives of one source, over all queries. */
export interface SourceAudit {
  source: SourceName;
  /** Negatives a query, and different products among them: means. */
  negatives: number;
  products: number;
  /**
   * Of all pairs of a query and a negative: those whose title, or all of whose attributes, are the positive's. They count as
   * negatives, and are most likely none: mark them as duplicates.
   */
  sameTitle: number;
  sameAttributes: number;
  /** Pairs left out because the product is the one that was bought. Only `inBatch` (for all items of the update) and `temporal`. */
  sameProduct: number;
  /** Cosines of queries and negatives, to 0.001; and the share of pairs that are nearer than the query's positive. */
  similarity: Quantiles;
  nearer: number;
}

/** One pair of a query and a negative. */
export interface HardPair {
  source: SourceName;
  /** Row of the query. */
  query: number;
  /** Ids of what was bought and of the negative (their numbers, where the product is not known). */
  positive: string;
  negative: string;
  similarity: number;
  positiveSimilarity: number;
}

export interface NegativesAudit {
  queries: number;
  sources: SourceAudit[];
  /** The most similar pairs of every source, hardest first. */
  hardest: HardPair[];
}

export interface AuditOptions {
  /** Pairs shown in `hardest`, by source. Default 10. */
  hardest?: number;
  reuseHard?: boolean;
}

/** Queries whose similarities with everything are on the host at once, in floats. */
const BLOCK_FLOATS = 1 << 22;

/**
 * Count and show the negatives that a loss would see with this input: by source how many there are, how hard, and how many look
 * like the positive itself.
 * @param productOf a product by its number; duplicates share one, any of them will do
 * @throws UserError when an embedding is not finite
 */
export function auditNegatives(
  input: ContrastiveInput,
  productOf: (number: number) => Product | undefined,
  { hardest = 10, reuseHard }: AuditOptions = {},
): NegativesAudit {
  const [queries, width] = input.queries.shape;
  const bought = read(input.positiveOf);
  const items = read(input.itemProducts);
  const past = input.queue ? read(input.queue.products) : new Int32Array(0);
  const numbers = Int32Array.from([...items, ...past]);
  requireFinite(vectorsOf(input.queries), width, (row) => `query ${row}`);
  requireFinite(vectorsOf(input.items), width, (row) => `item ${row}, product ${items[row]}`);
  if (input.queue) requireFinite(vectorsOf(input.queue.embeddings), width, (row) => `place ${row} of the queue`);

  const facts = factsOf(productOf);
  const collected = new Map<SourceName, Collected>();
  const positives = bought.length / queries;
  const rows = Math.max(1, Math.floor(BLOCK_FLOATS / Math.max(1, numbers.length)));
  for (let start = 0; start < queries; start += rows) {
    const count = Math.min(rows, queries - start);
    const block = rowsOf(input, start, count);
    const similarity = vectorsOf(tf.tidy(() => similarities(block)), true);
    for (const [source, from, mask] of masksOf(block, reuseHard)) {
      const seen = collected.get(source) ?? collect(source);
      collected.set(source, seen);
      const across = mask.length / count;
      for (let row = 0; row < count; row++) {
        const query = start + row;
        const own = Array.from(bought.subarray(query * positives, (query + 1) * positives)).filter((at) => at >= 0);
        const cosines = similarity.subarray(row * numbers.length, (row + 1) * numbers.length);
        const positive = own.length ? { item: own[0], number: items[own[0]], similarity: cosines[own[0]] } : undefined;
        for (let at = 0; at < across; at++) {
          const number = numbers[from + at];
          if (!mask[row * across + at]) {
            if (number >= 0 && number === positive?.number && from + at !== positive.item) seen.sameProduct++;
            continue;
          }
          seen.add(query, number, cosines[from + at], positive, facts, hardest);
        }
      }
    }
  }
  return {
    queries,
    sources: [...collected.values()].map((each) => each.summary(queries)),
    hardest: [...collected.values()].flatMap(({ top }) => top),
  };
}
