import * as tf from '../engine/tf.js';
import type { TemporalOption } from './options.js';

/** Item embeddings of past batches, first in, first out (paper, figure 4a; MoCo, He et al. 2020). No gradient reaches them. */
export type Queue = {
  /** [size, width] unit vectors, oldest first; zeros where nothing has entered yet. */
  embeddings: tf.Tensor2D;
  /** [size] number of each item's product; -1 where nothing has entered yet. */
  products: tf.Tensor1D;
};

/** Whether the queue's items are negatives in this step (0-based) of so many. */
export function queueCounts(option: TemporalOption, step: number, steps: number): boolean {
  return option.kind === 'queue' && option.size > 0 && step >= option.start * steps;
}

export function emptyQueue(size: number, width: number): Queue {
  return { embeddings: tf.zeros([size, width]), products: tf.fill([size], -1, 'int32') as tf.Tensor1D };
}

/**
 * The queue after a batch's items ([count, width], [count] int32) have entered: positives and hard negatives, never queries.
 * Of more items than the queue holds the last ones stay. Frees the old queue.
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
