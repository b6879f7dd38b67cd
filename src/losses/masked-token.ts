import * as tf from '../engine/tf.js';
import { crossEntropy } from './next-token.js';

/** The result of `maskedToken`; every field a scalar tensor. */
export interface MaskedTokenRecord {
  [name: string]: tf.Scalar;
  /** sum of factor * -log p(target) over the rows that have a target; 0 without targets. */
  total: tf.Scalar;
  /** Fraction of these rows whose target has the highest logit, each counted once. */
  accuracy: tf.Scalar;
}

/**
 * Cross-entropy of hidden tokens with a factor for each: masked language modelling with equal factors 1 / count, denoising with those of
 * `denoisingTargets`. A logit that is not finite in a counted row makes the loss NaN.
 * @param logits [rows, vocabulary]
 * @param targets [rows] (int32) the hidden token of each row, or -1 for a row that does not count
 * @param factors [rows]
 */
export function maskedToken(logits: tf.Tensor2D, targets: tf.Tensor1D, factors: tf.Tensor1D): MaskedTokenRecord {
  return tf.tidy(() => {
    const counts = tf.greaterEqual(targets, tf.scalar(0, 'int32'));
    const places = tf.maximum(targets, tf.scalar(0, 'int32')) as tf.Tensor1D;
    const sum = (values: tf.Tensor) => tf.sum(tf.where(counts, values, 0)) as tf.Scalar;
    const hidden = tf.sum(tf.cast(counts, 'float32'));
    return {
      total: sum(tf.mul(crossEntropy(logits, places), factors)),
      accuracy: tf.div(
        sum(tf.cast(tf.equal(tf.argMax(logits, 1), places), 'float32')),
        tf.maximum(hidden, 1),
      ) as tf.Scalar,
    };
  });
}
