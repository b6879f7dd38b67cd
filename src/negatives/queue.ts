import * as tf from '../engine/tf.js';
import type { TemporalOption } from './options.js';

/**
 * First-in-first-out queue of item embeddings of past batches (paper, figure 4a; MoCo, He et al., arXiv 1911.05722). They get no gradient.
 */
export type Queue = {
  /** [size, width] unit vectors, oldest first; zeros where the queue is not filled yet. */
  embeddings: tf.Tensor2D;
  /** [size] product number of each item; -1 where the queue is not filled yet. */
  products: tf.Tensor1D;
};

/** Whether the queue's items are negatives in step `step` (from 0) of `steps`. */
export function queueActive(option: TemporalOption, step: number, steps: number): boolean {
  return option.kind === 'queue' && option.size > 0 && step >= option.start * steps;
}

export function emptyQueue(size: number, width: number): Queue {
  return { embeddings: tf.zeros([size, width]), products: tf.fill([size], -1, 'int32') as tf.Tensor1D };
}

/**
 * Append a batch's items ([count, width], [count] int32), that is positives and hard negatives but never queries. If there are more items
 * than the queue holds, the last ones stay. Returns the new queue and frees the old one.
 */
export function pushQueue(queue: Queue, embeddings: tf.Tensor2D, products: tf.Tensor1D): Queue {
  const size = queue.products.size;
  const entering = Math.min(size, products.size);
  const next = tf.tidy(() => ({
    embeddings: tf.concat(
      [tf.slice(queue.embeddings, [entering, 0]), tf.slice(embeddings, [products.size - entering, 0])],
      0,
    ),
    products: tf.concat([tf.slice(queue.products, [entering]), tf.slice(products, [products.size - entering])], 0),
  }));
  tf.dispose([queue.embeddings, queue.products]);
  return next;
}
