import { UserError } from '../../checks/error.js';
import * as tf from '../tf.js';
import { firstDifference, type Recording, record } from './recording.js';
import { LARGE } from './stand-ins.js';

/**
 * Record twice, on different numbers of the same shapes. Any difference was decided by a number on the host.
 * @throws UserError with the first difference and the remedy
 */
export function recordTwice(
  name: string,
  inputs: Record<string, tf.Tensor>,
  fn: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>,
): Recording {
  const attempt = (given: Record<string, tf.Tensor>) => {
    try {
      return record(name, given, fn);
    } catch (error) {
      if (error instanceof UserError) throw error;
      // An index depended on numbers that were not computed, so record again and compute everything.
      return record(name, given, fn, true);
    }
  };
  const recording = attempt(inputs);
  const changed = Object.fromEntries(Object.entries(inputs).map(([key, tensor]) => [key, perturbed(tensor)]));
  try {
    const difference = firstDifference(recording, attempt(changed));
    if (difference)
      throw new UserError(
        `compile(${name}): the function did not do the same twice, at ${difference}. Make numbers that change (a seed, a rate, a step) inputs, and choices statics.`,
      );
  } finally {
    tf.dispose(changed);
  }
  return recording;
}

/**
 * Different numbers of the same kind. Integers and booleans keep their values, because indices and masks must stay valid; so do large
 * tensors, the weights, of which a second copy would take their memory once more.
 */
function perturbed(tensor: tf.Tensor): tf.Tensor {
  return tensor.dtype === 'float32' && tensor.size < LARGE
    ? tf.tidy(() => tf.add(tf.mul(tensor, 1.015625), 0.0078125))
    : tf.clone(tensor);
}
