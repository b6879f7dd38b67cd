import * as tf from '../engine/tf.js';
import type { SourceName } from './options.js';
import type { Queue } from './queue.js';
import { type ContrastiveInput, itemMasks, otherProducts } from './sources.js';

/** Pairs of some queries with all items or with the whole queue, on the host. Arrays are [queries, columns]. */
export interface AuditPairs {
  source: SourceName;
  /** Row of the first of these queries. */
  first: number;
  columns: number;
  /** [columns] product number of each column. */
  numbers: Int32Array;
  similarity: Float32Array;
  /** `candidates` is 1 for an item of this source; `negatives` is 1 if the query also did not buy its product. */
  candidates: Uint8Array;
  negatives: Uint8Array;
}

/** Largest block of similarities with the queue on the host, in floats (16 MiB). */
const BLOCK_FLOATS = 1 << 22;

/** Iterate over the pairs of all sources of an input. */
export function* auditPairs(input: ContrastiveInput): Generator<AuditPairs> {
  const numbers = numbersOf(input.itemProducts);
  const similarity = hostSimilarity(input.queries, input.items);
  const negatives = hostMasks(() => itemMasks(input));
  // For a query that bought nothing, every item is a candidate.
  const candidates = hostMasks(() => itemMasks({ ...input, queryProducts: boughtNothing(input) }));
  for (const source of Object.keys(negatives) as (keyof typeof negatives)[])
    yield {
      source,
      first: 0,
      columns: numbers.length,
      numbers,
      similarity,
      candidates: candidates[source],
      negatives: negatives[source],
    };
  if (input.queue?.products.size) yield* queuePairs(input, input.queue);
}

function* queuePairs(input: ContrastiveInput, queue: Queue): Generator<AuditPairs> {
  const [queries] = input.queries.shape;
  const numbers = numbersOf(queue.products);
  const rows = Math.max(1, Math.floor(BLOCK_FLOATS / numbers.length));
  for (let first = 0; first < queries; first += rows) {
    const count = Math.min(rows, queries - first);
    const part = (of: tf.Tensor) => tf.slice(of, [first], [count]);
    const some = tf.tidy(() => part(input.queries) as tf.Tensor2D);
    const { candidates, negatives } = hostMasks(() => ({
      candidates: otherProducts(part(boughtNothing(input)), queue.products),
      negatives: otherProducts(part(input.queryProducts), queue.products),
    }));
    const similarity = hostSimilarity(some, queue.embeddings);
    some.dispose();
    yield { source: 'temporal', first, columns: numbers.length, numbers, similarity, candidates, negatives };
  }
}

function boughtNothing({ queryProducts }: ContrastiveInput): tf.Tensor1D {
  return tf.fill([queryProducts.shape[0]], -1, 'int32') as tf.Tensor1D;
}

export function numbersOf(labels: tf.Tensor): Int32Array {
  return labels.dataSync() as Int32Array;
}

/** Inner products of all queries with all rows, [queries, rows], on the host. */
export function hostSimilarity(queries: tf.Tensor2D, rows: tf.Tensor2D): Float32Array {
  const products = tf.matMul(queries, rows, false, true);
  const values = products.dataSync() as Float32Array;
  products.dispose();
  return values;
}

/** Read masks to the host and free them. */
function hostMasks<Name extends string>(masksOf: () => Partial<Record<Name, tf.Tensor2D>>): Record<Name, Uint8Array> {
  const masks = tf.tidy(masksOf as () => Record<Name, tf.Tensor2D>);
  const read = Object.entries<tf.Tensor2D>(masks).map(([name, mask]) => [name, mask.dataSync()]);
  tf.dispose(masks);
  return Object.fromEntries(read) as Record<Name, Uint8Array>;
}
