import * as tf from '../engine/tf.js';
import type { Queue } from '../negatives/queue.js';
import { otherProducts } from '../negatives/sources.js';

/** One source's negatives taken together, for every query: all fields [Q]. */
export type NegativeSum = {
  /** Logarithm of the sum of exponentials of the negatives' logits; far below any logit where there is none. */
  logSum: tf.Tensor1D;
  count: tf.Tensor1D;
  /** Sum of the inner products of query and negative. */
  similarity: tf.Tensor1D;
  /** Largest of them; far below any where there is none. */
  hardest: tf.Tensor1D;
};

/** Far below any logit, and finite: exp of it is zero and its gradient too. */
export const MASKED = -1e9;

/** Inner products of queries and queue that are made at once, in floats: 16 MiB. */
const BLOCK_FLOATS = 1 << 22;

/** One source's negatives in a matrix of inner products of queries and items [Q, N]: those that `mask` [Q, N] (boolean) marks. */
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
 * The same for every item of the queue, block by block, so that their matrix is never whole in memory: the backward pass
 * computes each block again. The gradient reaches the queries [Q, width] and never the queue, which is not empty.
 * @param blockFloats most inner products at once
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
  const blockAt = (asked: tf.Tensor2D, past: Queue, bought: tf.Tensor, start: number) => {
    const count = Math.min(rows, size - start);
    const embeddings = tf.slice(past.embeddings, [start, 0], [count, -1]) as tf.Tensor2D;
    const mask = otherProducts(bought, tf.slice(past.products, [start], [count]) as tf.Tensor1D);
    return { embeddings, mask, dots: tf.matMul(asked, embeddings, false, true) as tf.Tensor2D };
  };
  const summed = tf.customGrad((given, save) => {
    const asked = given as tf.Tensor2D;
    const parts = starts.map((start) =>
      tf.tidy(() => {
        const { dots, mask } = blockAt(asked, queue, queryProducts, start);
        return sumMasked(dots, mask);
      }),
    );
    const all = (field: keyof NegativeSum) => tf.stack(parts.map((part) => part[field]));
    const logSum = tf.logSumExp(all('logSum'), 0);
    // All that the backward pass reads: tensors made inside a gradient's forward pass are gone by then.
    (save as tf.GradSaveFunc)([asked, logSum, queryProducts, queue.embeddings, queue.products]);
    return {
      value: tf.stack([logSum, tf.sum(all('count'), 0), tf.sum(all('similarity'), 0), tf.max(all('hardest'), 0)]),
      // Only logSum is differentiable; the others are for the record.
      gradFunc: (dy, [asked, logSum, bought, embeddings, products]) => {
        const past = { embeddings, products } as Queue;
        const pull = tf.expandDims(tf.unstack(dy as tf.Tensor2D)[0], 1);
        const gradients = starts.map((start) =>
          tf.tidy(() => {
            const block = blockAt(asked as tf.Tensor2D, past, bought, start);
            const fraction = tf.where(block.mask, tf.exp(tf.sub(block.dots, tf.expandDims(logSum, 1))), 0);
            const weighed = tf.mul(fraction, pull);
            return tf.matMul(weighed as tf.Tensor2D, block.embeddings);
          }),
        );
        return tf.addN(gradients);
      },
    };
  });
  const [logSum, count, similarity, hardest] = tf.unstack(summed(queries) as tf.Tensor2D) as tf.Tensor1D[];
  return { logSum, count, similarity, hardest };
}
