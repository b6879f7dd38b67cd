import * as tf from '../engine/tf.js';

/** More than the distance of any two unit vectors. */
const FAR = 4;

/**
 * The squared Hausdorff distance of two sets of tokens on the unit sphere, mean over examples: that of the token which is furthest from the nearest
 * of the other set. 0 for an example in which a set is empty.
 * @param first [examples, tokens, width], of any length but 0 where it counts; so is `second`, of any number of tokens
 * @param isFirst [examples, tokens] 1 for a token that counts
 */
export function tokenDistance(
  first: tf.Tensor3D,
  second: tf.Tensor3D,
  { isFirst, isSecond }: { isFirst: tf.Tensor2D; isSecond: tf.Tensor2D },
): tf.Scalar {
  return tf.tidy(() => {
    const [ones, others] = [first, second].map(unitTokens);
    // |a - b|^2 = 2 - 2 a.b
    const distances = tf.sub(2, tf.mul(2, tf.matMul(ones, others, false, true)));
    const nearest = (out: tf.Tensor2D, axis: number, counts: tf.Tensor2D) => {
      const hidden = tf.mul(tf.sub(1, tf.expandDims(out, axis === 2 ? 1 : 2)), FAR);
      return tf.max(tf.mul(tf.min(tf.add(distances, hidden), axis), counts), 1);
    };
    const both = tf.maximum(nearest(isSecond, 2, isFirst), nearest(isFirst, 1, isSecond));
    const there = tf.mul(tf.max(isFirst, 1), tf.max(isSecond, 1));
    return tf.mean(tf.mul(both, there)) as tf.Scalar;
  });
}

function unitTokens(tokens: tf.Tensor3D): tf.Tensor3D {
  const length = tf.sqrt(tf.add(tf.sum(tf.square(tokens), 2, true), 1e-12));
  return tf.div(tokens, length);
}
