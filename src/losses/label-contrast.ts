import * as tf from '../engine/tf.js';
import { MASKED } from './negative-sum.js';

/**
 * Contrastive loss between queries [Q, width] and texts of labels [L, width] (category levels, attribute values), all unit vectors. Every
 * true label of a query is contrasted with its false ones: -log softmax, mean over all true pairs; 0 if there are none.
 * @param truth [Q, L] 1 for a positive: a label that is true of the query
 * @param relevant [Q, L] 1 where the label applies to the query; a negative is relevant but not true, such as another value of an attribute
 * that the product has. Other labels, such as values of an attribute that the product lacks, do not count
 * @param temperature scalar
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
