import * as tf from '../engine/tf.js';

/**
 * Mean squared error between what a network says of hidden regions and their own features (masked region modelling of CAPTURE, arXiv 2107.14572),
 * over hidden regions and numbers; 0 where none is hidden.
 * @param predicted [regions, width]; so is `features`
 * @param hidden [regions] 1 for a hidden one
 */
export function maskedRegion(predicted: tf.Tensor2D, features: tf.Tensor2D, hidden: tf.Tensor1D): tf.Scalar {
  return tf.tidy(() => {
    const errors = tf.mul(tf.mean(tf.square(tf.sub(predicted, features)), 1), hidden);
    return tf.div(tf.sum(errors), tf.maximum(tf.sum(hidden), 1)) as tf.Scalar;
  });
}
