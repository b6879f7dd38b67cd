import { wrongOption } from '../checks/error.js';
import * as tf from '../engine/tf.js';
import { unit } from '../losses/unit-rows.js';
import type { PoolingOption } from './pooling-option.js';
import { lastOf } from './slots.js';

/**
 * Pool hidden states [sequences, length, width] with a mask [sequences, length] of 1 and 0 -> unit vectors [sequences, width].
 * @throws UserError for an unknown kind
 */
export const pool = (hidden: tf.Tensor3D, mask: tf.Tensor2D, option: PoolingOption): tf.Tensor2D =>
  unit(weighedSum(hidden, poolingWeights(mask, option)));

/** The weight of each token in a sequence's vector [sequences, length]; they sum to 1. @throws UserError for an unknown kind */
export function poolingWeights(mask: tf.Tensor2D, { kind }: PoolingOption): tf.Tensor2D {
  switch (kind) {
    case 'mean':
      return tf.div(mask, tf.sum(mask, 1, true));
    case 'last':
    case 'slots':
      return lastOf(mask);
    default:
      throw wrongOption('pooling.kind', kind, 'one of mean | last | slots');
  }
}

/** sum of weight * state over the tokens of each sequence: [sequences, length, width] -> [sequences, width]. */
export function weighedSum(hidden: tf.Tensor3D, weights: tf.Tensor2D): tf.Tensor2D {
  // A product with weights [sequences, 1, length] sums without the full-shape constant that the gradient of tf.sum creates.
  return tf.squeeze(tf.matMul(tf.expandDims(weights, 1), hidden), [1]) as tf.Tensor2D;
}
