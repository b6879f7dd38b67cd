import type { Product } from '../data/types.js';
import * as tf from '../engine/tf.js';
import { auditPairs, hostSimilarity, numbersOf } from './audit-pairs.js';
import type { HardPair, SourceAudit } from './audit-record.js';
import { count, insertHardest, leastOf, newTally, quantiles, type Tally } from './audit-tally.js';
import { requireFinite } from './finite.js';
import type { SourceName } from './options.js';
import type { ContrastiveInput } from './sources.js';

export interface NegativesAudit {
  queries: number;
  sources: SourceAudit[];
  /** The pairs of highest similarity, hardest first. */
  hardest: HardPair[];
}

export interface AuditOptions {
  /** Pairs in the list of the hardest. Default 10. */
  hardest?: number;
}

/**
 * What a contrastive loss would be given as negatives by this input, source by source: how many, how hard, and how many look like
 * what was bought. Of several positives the first is looked at.
 * @param productOf a product by its number; of duplicates, which share one, any will do
 * @throws UserError when an embedding is not finite
 */
export function auditNegatives(
  input: ContrastiveInput,
  productOf: (number: number) => Product | undefined,
  { hardest = 10 }: AuditOptions = {},
): NegativesAudit {
  const bought = boughtBy(input);
  const lookOf = looksBy(productOf);
  const tallies = new Map<SourceName, Tally>();
  const top: HardPair[] = [];
  for (const { source, first, columns, numbers, similarity, candidates, negatives } of auditPairs(input)) {
    const tally = tallies.get(source) ?? newTally();
    tallies.set(source, tally);
    const looks = Array.from(numbers, lookOf);
    for (let at = 0; at < similarity.length; at++) {
      if (!candidates[at]) continue;
      if (!negatives[at]) {
        tally.sameProduct++;
        continue;
      }
      const query = first + Math.floor(at / columns);
      const column = at % columns;
      const { positive, positiveSimilarity } = bought[query];
      count(tally, query, numbers[column], similarity[at]);
      if (positive < 0) continue;
      const own = lookOf(positive);
      if (own.title && own.title === looks[column].title) tally.sameTitle++;
      if (own.attributes && own.attributes === looks[column].attributes) tally.sameAttributes++;
      if (similarity[at] >= positiveSimilarity) tally.nearer++;
      if (!(similarity[at] > leastOf(top, hardest))) continue;
      const pair = {
        source,
        query,
        positive,
        negative: numbers[column],
        similarity: similarity[at],
        positiveSimilarity,
      };
      insertHardest(top, pair, hardest);
    }
  }
  const queries = input.queries.shape[0];
  const sources = [...tallies].map(([source, { bins, lastQuery: _, ...counts }]) => ({
    source,
    ...counts,
    products: counts.products / queries,
    similarity: counts.pairs ? quantiles(bins, counts.pairs) : null,
  }));
  return { queries, sources, hardest: top };
}

/** The number of what each query bought, -1 for nothing, and how similar the query is to it. Refuses what is not finite. */
function boughtBy(input: ContrastiveInput): { positive: number; positiveSimilarity: number }[] {
  const { queries, items, queue } = input;
  const numbers = numbersOf(input.itemProducts);
  requireFiniteRows(queries, (row) => `query ${row}`);
  requireFiniteRows(items, (row) => `item ${row}, product number ${numbers[row]}`);
  if (queue) requireFiniteRows(queue.embeddings, (row) => `place ${row} of the queue`);
  const rows = numbersOf(input.positiveOf);
  const positives = rows.length / queries.shape[0];
  const similarity = hostSimilarity(queries, items);
  return Array.from({ length: queries.shape[0] }, (_, query) => {
    const row = rows[query * positives];
    if (row < 0) return { positive: -1, positiveSimilarity: Number.NaN };
    return { positive: numbers[row], positiveSimilarity: similarity[query * numbers.length + row] };
  });
}

/** A row is finite when the sum of its sizes is. */
function requireFiniteRows(embeddings: tf.Tensor2D, nameOf: (row: number) => string): void {
  const sums = tf.tidy(() => tf.sum(tf.abs(embeddings), 1));
  requireFinite(sums.dataSync() as Float32Array, 1, nameOf);
  sums.dispose();
}

/** What makes two products look the same in text; empty where a product has no title or no attributes, or is not known. */
function looksBy(productOf: (number: number) => Product | undefined) {
  const known = new Map<number, { title: string; attributes: string }>();
  return (number: number) => {
    const look = known.get(number) ?? lookOf(productOf(number));
    known.set(number, look);
    return look;
  };
}

function lookOf(product: Product | undefined): { title: string; attributes: string } {
  const attributes = Object.entries(product?.attributes ?? {}).map(([name, values]) => [name, values.toSorted()]);
  return {
    title: product?.title.trim().toLowerCase() ?? '',
    attributes: attributes.length ? JSON.stringify(attributes.sort()) : '',
  };
}
