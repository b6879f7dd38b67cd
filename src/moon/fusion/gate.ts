import * as tf from '../../engine/tf.js';
import { fusionNames } from '../weight-names.js';
import type { Fusion } from './fusion.js';

/** g v + (1 - g) h with g = sigmoid(W [v; h]), without a bias (NoteLLM-2, arXiv 2405.16789). */
export const gate: Fusion = (visual, hidden, weights) => {
  const both = tf.concat([visual, hidden], 1);
  const open = tf.sigmoid(tf.matMul(both, weights[fusionNames.gate] as tf.Tensor2D, false, true)) as tf.Tensor2D;
  return { output: tf.add(hidden, tf.mul(open, tf.sub(visual, hidden))) as tf.Tensor2D, gate: open };
};
