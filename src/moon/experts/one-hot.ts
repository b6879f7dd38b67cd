import * as tf from '../../engine/tf.js';

/** [...shape of choices, experts] 1 at each choice, else 0, int32. tf.oneHot knows no depth of 1, which a layer of one ordinary expert has. */
export function oneHot(choices: tf.Tensor, experts: number): tf.Tensor {
  return experts === 1 ? tf.ones([...choices.shape, 1], 'int32') : tf.oneHot(choices, experts);
}
