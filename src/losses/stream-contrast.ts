import * as tf from '../engine/tf.js';
import { MASKED } from './negative-sum.js';
import { unit } from './unit-rows.js';

/**
 * The contrast of two streams before they meet (CAPTURE, arXiv 2107.14572): each of the 2 B embeddings has its partner from the other stream as
 * positive, and those of all other examples in both streams as negatives. Mean of -log softmax, in nats.
 * @param first [B, width], of any length; so is `second`, its partners in the same order
 * @param same [B, B] 1 where two examples show the same, which are no negatives; the diagonal does not matter
 */
export function streamContrast(
  first: tf.Tensor2D,
  second: tf.Tensor2D,
  same: tf.Tensor2D,
  temperature: number,
): tf.Scalar {
  return tf.tidy(() => {
    const [ones, others] = [unit(first), unit(second)];
    const all = tf.concat([ones, others], 0) as tf.Tensor2D;
    const positives = tf.div(tf.tile(tf.sum(tf.mul(ones, others), 1), [2]), temperature);
    const isOut = tf.cast(tf.tile(tf.maximum(same, tf.eye(ones.shape[0])), [2, 2]), 'bool');
    const scores = tf.where(isOut, MASKED, tf.div(tf.matMul(all, all, false, true), temperature));
    const negatives = tf.logSumExp(scores, 1);
    // -log(e^p / (e^p + sum of e^n))
    return tf.mean(tf.softplus(tf.sub(negatives, positives))) as tf.Scalar;
  });
}
