import * as tf from '../engine/tf.js';
import { MASKED } from './negative-sum.js';

/** The items of a step in two views: N pictures and N texts, unit vectors [N, width]. */
export interface ProductViews {
  images: tf.Tensor2D;
  texts: tf.Tensor2D;
  /** [N] 1 for an item that has both. */
  present: tf.Tensor1D;
  /** [N, N] 1 where the text of the column is a negative of the picture of the row. */
  against: tf.Tensor2D;
  /** [N] factor of each item's loss. Default 1. */
  weights?: tf.Tensor1D;
}

/**
 * Alignment within products (MOON2.0, arXiv 2511.12449): each item's picture is contrasted with its own text and the texts that `against`
 * marks: -log softmax, mean over the items that have both and a negative; 0 if there are none.
 */
export function intraProduct(
  { images, texts, present, against, weights }: ProductViews,
  temperature: number,
): tf.Scalar {
  return tf.tidy(() => {
    const logits = tf.div(tf.matMul(images, texts, false, true), temperature) as tf.Tensor2D;
    const isNegative = tf.greater(tf.mul(against, tf.expandDims(present, 0)), 0);
    const own = tf.sum(tf.mul(logits, tf.eye(logits.shape[0])), 1);
    const losses = tf.softplus(tf.sub(tf.logSumExp(tf.where(isNegative, logits, MASKED), 1), own));
    const counted = tf.mul(present, tf.cast(tf.any(isNegative, 1), 'float32'));
    const weighed = weights ? tf.mul(counted, weights) : counted;
    return tf.div(tf.sum(tf.mul(losses, weighed)), tf.maximum(tf.sum(counted), 1)) as tf.Scalar;
  });
}
