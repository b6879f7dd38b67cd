import type { Weights } from '../engine/flat-weights.js';
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

/** Round float32 values to bfloat16 in place. A bfloat16 is the upper half of a float32. Infinities and NaN stay as they are. */
export function roundBfloat16(values: Float32Array): Float32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let at = 0; at < bits.length; at++) {
    if (Number.isNaN(values[at])) continue;
    const even = (bits[at] >>> 16) & 1;
    bits[at] = (bits[at] + 0x7fff + even) & 0xffff0000;
  }
  return values;
}
