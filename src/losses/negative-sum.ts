import * as tf from '../engine/tf.js';
import type { Queue } from '../negatives/queue.js';
import { otherProducts } from '../negatives/sources.js';

/** Sums over the negatives of one source, per query; all fields [Q]. */
export type NegativeSum = {
  /** Logarithm of the sum of exponentials of the negatives' logits; far below any logit without negatives. */
  logSum: tf.Tensor1D;
  count: tf.Tensor1D;
  /** Sum of the inner products of query and negative. */
  similarity: tf.Tensor1D;
  /** Largest of these inner products; far below any without negatives. */
  hardest: tf.Tensor1D;
};

/** Far below any logit, but finite: its exponential and the gradient are exactly zero. */
export const MASKED = -1e9;

/** Largest block of inner products of queries and queue, in floats (16 MiB). */
const BLOCK_FLOATS = 1 << 22;

/** Sum over the negatives that `mask` [Q, N] (boolean) marks in a matrix of inner products of queries and items [Q, N]. */
export function sumMasked(dots: tf.Tensor2D, mask: tf.Tensor2D): NegativeSum {
  const logits = tf.where(mask, dots, MASKED);
  return {
    logSum: tf.logSumExp(logits, 1) as tf.Tensor1D,
    count: tf.sum(tf.cast(mask, 'float32'), 1),
    similarity: tf.sum(tf.where(mask, dots, 0), 1),
    hardest: tf.max(logits, 1),
  };
}

/**
 * Sum over all items of the queue. Works in blocks, so that the full matrix of inner products is never in memory; the backward pass
 * recomputes each block. The gradient flows to the queries [Q, width] and not to the queue, which must not be empty.
 * @param blockFloats largest number of inner products per block
 */
export function sumQueue(
  queries: tf.Tensor2D,
  queue: Queue,
  queryProducts: tf.Tensor,
  blockFloats = BLOCK_FLOATS,
): NegativeSum {
  const [size] = queue.embeddings.shape;
  const rows = Math.max(1, Math.floor(blockFloats / Math.max(1, queries.shape[0])));
  const starts = Array.from({ length: Math.ceil(size / rows) }, (_, block) => block * rows);
  const blockAt = (rowQueries: tf.Tensor2D, past: Queue, bought: tf.Tensor, start: number) => {
    const count = Math.min(rows, size - start);
    const embeddings = tf.slice(past.embeddings, [start, 0], [count, -1]) as tf.Tensor2D;
    const mask = otherProducts(bought, tf.slice(past.products, [start], [count]) as tf.Tensor1D);
    return { embeddings, mask, dots: tf.matMul(rowQueries, embeddings, false, true) as tf.Tensor2D };
  };
  const summed = tf.customGrad((given, save) => {
    const rowQueries = given as tf.Tensor2D;
    const parts = starts.map((start) =>
      tf.tidy(() => {
        const { dots, mask } = blockAt(rowQueries, queue, queryProducts, start);
        return sumMasked(dots, mask);
      }),
    );
    const all = (field: keyof NegativeSum) => tf.stack(parts.map((part) => part[field]));
    const logSum = tf.logSumExp(all('logSum'), 0);
    // Save everything that the backward pass reads: tensors made in the forward pass are freed by then.
    (save as tf.GradSaveFunc)([rowQueries, logSum, queryProducts, queue.embeddings, queue.products]);
    return {
      value: tf.stack([logSum, tf.sum(all('count'), 0), tf.sum(all('similarity'), 0), tf.max(all('hardest'), 0)]),
      // Only logSum is differentiable; the other sums are for the record.
      gradFunc: (dy, [rowQueries, logSum, bought, embeddings, products]) => {
        const past = { embeddings, products } as Queue;
        const upstream = tf.expandDims(tf.unstack(dy as tf.Tensor2D)[0], 1);
        const gradients = starts.map((start) =>
          tf.tidy(() => {
            const block = blockAt(rowQueries as tf.Tensor2D, past, bought, start);
            const fraction = tf.where(block.mask, tf.exp(tf.sub(block.dots, tf.expandDims(logSum, 1))), 0);
            const weighted = tf.mul(fraction, upstream);
            return tf.matMul(weighted as tf.Tensor2D, block.embeddings);
          }),
        );
        return tf.addN(gradients);
      },
    };
  });
  const [logSum, count, similarity, hardest] = tf.unstack(summed(queries) as tf.Tensor2D) as tf.Tensor1D[];
  return { logSum, count, similarity, hardest };
}
