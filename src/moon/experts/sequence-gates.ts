import * as tf from '../../engine/tf.js';
import type { ExpertRecord } from './layer.js';
import { oneHot } from './one-hot.js';

/**
 * The gate of each sequence: the mean of its tokens' gates over real tokens and over the expert layers. Rows sum to 1 where the gates of a
 * token do.
 * @param records of one batch, at least one
 * @param mask [sequences, length] 1 = real token
 * @returns [sequences, experts]
 */
export function sequenceGates(records: readonly Pick<ExpertRecord, 'routing'>[], mask: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const [sequences, length] = mask.shape;
    const ofLayers = records.map(({ routing: { probabilities, choices, gates } }) => {
      const experts = probabilities.shape[1];
      const chosen = tf.cast(oneHot(choices, experts), 'float32');
      const ofTokens = tf.sum(tf.mul(tf.expandDims(gates, 2), chosen), 1);
      return tf.reshape(ofTokens, [sequences, length, experts]);
    });
    const weights = tf.expandDims(tf.div(mask, tf.sum(mask, 1, true)), 1);
    return tf.squeeze(tf.matMul(weights, tf.mean(tf.stack(ofLayers), 0)), [1]) as tf.Tensor2D;
  });
}
