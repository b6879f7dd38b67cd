import * as tf from '../engine/tf.js';
import { MASKED } from './negative-sum.js';

/**
 * Contrast of queries [Q, width] with the texts of labels [L, width] (category levels, attribute values), all unit vectors: every
 * label that is true of a query is told from those that are not, -log softmax, mean over all true pairs; 0 where there is none.
 * Positive: a label with `truth` [Q, L] 1. Negative: one with `relevant` [Q, L] 1 and truth 0: a value of an attribute that the
 * product has with another value. What is neither (an attribute that the product lacks) does not count. There are no hard
 * negatives, and every label serves every query.
 */
export function labelContrast(
  queries: tf.Tensor2D,
  labels: tf.Tensor2D,
  truth: tf.Tensor2D,
  relevant: tf.Tensor2D,
  temperature: tf.Scalar,
): tf.Scalar {
  return tf.tidy(() => {
    const logits = tf.matMul(tf.div(queries, temperature), labels, false, true);
    const negative = tf.greater(tf.sub(relevant, truth), 0.5);
    const logNegatives = tf.logSumExp(tf.where(negative, logits, MASKED), 1, true);
    const losses = tf.softplus(tf.sub(logNegatives, logits));
    const pairs = tf.sum(truth);
    return tf.div(tf.sum(tf.mul(losses, truth)), tf.maximum(pairs, 1)) as tf.Scalar;
  });
}
