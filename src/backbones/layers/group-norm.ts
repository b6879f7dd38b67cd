import * as tf from '../../engine/tf.js';

/** Channels per group of the stem's group norm. */
const groupWidth = 8;

/**
 * Group norm of `x` [batch, rows, columns, channels] (Wu and He, arXiv 1803.08494), as one operation with a custom gradient. It passes over
 * the image only a few times: sums are taken per channel and then combined per group.
 */
export function groupNorm(x: tf.Tensor4D, gain: tf.Tensor, bias: tf.Tensor): tf.Tensor4D {
  const [batch, rows, columns, channels] = x.shape;
  const places = rows * columns;
  const groups = channels % groupWidth === 0 ? channels / groupWidth : 1;
  const count = (places * channels) / groups;
  const byPlace = [batch, places, channels];
  /** Per-channel sums [batch, 1, channels] -> mean of each channel's group, [batch, 1, channels]. */
  const groupMean = (sums: tf.Tensor) => {
    const mean = tf.div(tf.sum(tf.reshape(sums, [batch, groups, channels / groups]), 2, true), count);
    return tf.reshape(tf.tile(mean, [1, 1, channels / groups]), [batch, 1, channels]);
  };
  const normalise = tf.customGrad((input, gainInput, biasInput, save) => {
    const flat = tf.reshape(input as tf.Tensor, byPlace);
    const mean = groupMean(tf.sum(flat, 1, true));
    const spread = tf.sub(groupMean(tf.sum(tf.square(flat), 1, true)), tf.square(mean));
    const scale = tf.rsqrt(tf.add(tf.relu(spread), 1e-5));
    const factor = tf.mul(scale, gainInput as tf.Tensor);
    (save as tf.GradSaveFunc)([flat, mean, scale, gainInput as tf.Tensor]);
    const value = tf.add(tf.mul(flat, factor), tf.sub(biasInput as tf.Tensor, tf.mul(mean, factor)));
    return {
      value: tf.reshape(value, x.shape),
      gradFunc: (dy, saved) => {
        const [flat, mean, scale, gain] = saved;
        const flatDy = tf.reshape(dy, byPlace);
        const sumDy = tf.sum(flatDy, 1, true);
        const sumDyNormed = tf.mul(tf.sub(tf.sum(tf.mul(flatDy, flat), 1, true), tf.mul(sumDy, mean)), scale);
        const slope = tf.mul(tf.square(scale), groupMean(tf.mul(sumDyNormed, gain)));
        const shift = tf.sub(tf.mul(slope, mean), tf.mul(scale, groupMean(tf.mul(sumDy, gain))));
        const dx = tf.add(tf.sub(tf.mul(flatDy, tf.mul(scale, gain)), tf.mul(flat, slope)), shift);
        return [tf.reshape(dx, x.shape), tf.sum(sumDyNormed, [0, 1]), tf.sum(sumDy, [0, 1])];
      },
    };
  });
  return normalise(x, gain, bias) as tf.Tensor4D;
}
