import { wrongOption } from '../checks/error.js';
import * as tf from '../engine/tf.js';
import { unit } from '../losses/unit-rows.js';
import type { PoolingOption } from './pooling-option.js';

/**
 * Pool hidden states [sequences, length, width] with a mask [sequences, length] of 1 and 0 -> unit vectors [sequences, width].
 * @throws UserError for an unknown kind
 */
export function pool(hidden: tf.Tensor3D, mask: tf.Tensor2D, option: PoolingOption): tf.Tensor2D {
  if (option.kind !== 'mean' && option.kind !== 'last') {
    throw wrongOption('pooling.kind', (option as { kind: unknown }).kind, 'one of mean | last');
  }
  // A product with weights [sequences, 1, length] sums without the full-shape constant that the gradient of tf.sum creates.
  const weights = option.kind === 'mean' ? tf.div(mask, tf.sum(mask, 1, true)) : lastToken(mask);
  const pooled = tf.squeeze(tf.matMul(tf.expandDims(weights, 1), hidden), [1]) as tf.Tensor2D;
  return unit(pooled);
}

/** 1 at each sequence's last real token: where the mask, summed from the end, is 1 for the first time. */
function lastToken(mask: tf.Tensor2D): tf.Tensor2D {
  const counted = tf.mul(tf.cumsum(mask, 1, false, true), mask);
  return tf.cast(tf.equal(counted, 1), 'float32') as tf.Tensor2D;
}
