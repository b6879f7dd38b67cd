import * as tf from '../../engine/tf.js';

/**
 * One-hot encoding of choices: [...shape of choices, experts], int32. tf.oneHot does not accept a depth of 1, which a layer with one
 * ordinary expert has.
 */
export function oneHot(choices: tf.Tensor, experts: number): tf.Tensor {
  return experts === 1 ? tf.ones([...choices.shape, 1], 'int32') : tf.oneHot(choices, experts);
}
