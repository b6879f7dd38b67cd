import type { Product } from '../data/types.js';
import * as tf from '../engine/tf.js';
import { auditPairs, hostSimilarity, numbersOf } from './audit-pairs.js';
import type { HardPair, SourceAudit } from './audit-record.js';
import { count, hardnessThreshold, insertHardest, newTally, quantiles, type Tally } from './audit-tally.js';
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
  /** Length of the list of hardest pairs. Default 10. */
  hardest?: number;
}

/**
 * Audit the negatives that a contrastive loss would use for this input, per source: how many there are, how hard they are, and how many
 * look like the bought product. Of several positives only the first is considered.
 * @param productOf returns the product of a product number; duplicates share a number, and any of them will do
 * @throws UserError when an embedding is not finite
 */
export function auditNegatives(
  input: ContrastiveInput,
  productOf: (number: number) => Product | undefined,
  { hardest = 10 }: AuditOptions = {},
): NegativesAudit {
  const bought = boughtBy(input);
  const textOf = textsBy(productOf);
  const tallies = new Map<SourceName, Tally>();
  const top: HardPair[] = [];
  for (const { source, first, columns, numbers, similarity, candidates, negatives } of auditPairs(input)) {
    const tally = tallies.get(source) ?? newTally();
    tallies.set(source, tally);
    const texts = Array.from(numbers, textOf);
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
      const own = textOf(positive);
      if (own.title && own.title === texts[column].title) tally.sameTitle++;
      if (own.attributes && own.attributes === texts[column].attributes) tally.sameAttributes++;
      if (similarity[at] >= positiveSimilarity) tally.nearer++;
      if (!(similarity[at] > hardnessThreshold(top, hardest))) continue;
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

/**
 * Product number that each query bought (-1 for none) and the query's similarity to it.
 * @throws UserError when an embedding is not finite
 */
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

/** A row is finite if the sum of its absolute values is. */
function requireFiniteRows(embeddings: tf.Tensor2D, nameOf: (row: number) => string): void {
  const sums = tf.tidy(() => tf.sum(tf.abs(embeddings), 1));
  requireFinite(sums.dataSync() as Float32Array, 1, nameOf);
  sums.dispose();
}

/** Comparable title and attributes of each product number; empty if the product has none or is unknown. */
function textsBy(productOf: (number: number) => Product | undefined) {
  const known = new Map<number, { title: string; attributes: string }>();
  return (number: number) => {
    const text = known.get(number) ?? textOf(productOf(number));
    known.set(number, text);
    return text;
  };
}

function textOf(product: Product | undefined): { title: string; attributes: string } {
  const attributes = Object.entries(product?.attributes ?? {}).map(([name, values]) => [name, values.toSorted()]);
  return {
    title: product?.title.trim().toLowerCase() ?? '',
    attributes: attributes.length ? JSON.stringify(attributes.sort()) : '',
  };
}
