import type { Weights } from '../engine/flat-weights.js';
import { roundBfloat16 } from '../engine/half.js';
import * as tf from '../engine/tf.js';

/**
 * Round weights to bfloat16 (nearest, ties to even) and store them as float32, to measure the effect of half precision. Returns new
 * tensors.
 */
export function roundWeights(weights: Weights): Weights {
  const rounded = Object.entries(weights).map(([name, weight]) => {
    const values = weight.dataSync<'float32'>().slice();
    return [name, tf.tensor(roundBfloat16(values), weight.shape)];
  });
  return Object.fromEntries(rounded);
}
