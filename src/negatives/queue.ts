import * as tf from '../engine/tf.js';

/** Temporal negatives: item embeddings of past batches, first in, first out (paper, figure 4a; MoCo). No gradient reaches them. */
export interface Queue {
  /** [size, width] unit vectors, oldest first; zeros where nothing has entered yet. */
  embeddings: tf.Tensor2D;
  /** [size] number of each item's product; -1 where nothing has entered yet. */
  products: tf.Tensor1D;
}

export function emptyQueue(size: number, width: number): Queue {
  return { embeddings: tf.zeros([size, width]), products: tf.fill([size], -1, 'int32') as tf.Tensor1D };
}

/** The queue after a batch's items ([count, width], [count] int32; positives and hard negatives, never queries) have entered. Frees the old one. */
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
