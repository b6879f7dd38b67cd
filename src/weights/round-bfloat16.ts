import type { Weights } from '../engine/flat-weights.js';
import * as tf from '../engine/tf.js';

/** Weights rounded to bfloat16, to the nearest and half to even, and held in float32 again: what half the bytes cost. New tensors. */
export function roundWeights(weights: Weights): Weights {
  const rounded = Object.entries(weights).map(([name, weight]) => {
    const values = weight.dataSync<'float32'>().slice();
    return [name, tf.tensor(roundBfloat16(values), weight.shape)];
  });
  return Object.fromEntries(rounded);
}

/** Float32 values rounded in place. The upper half of a float32 is a bfloat16; infinities stay, and so does what is no number. */
export function roundBfloat16(values: Float32Array): Float32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let at = 0; at < bits.length; at++) {
    if (Number.isNaN(values[at])) continue;
    const even = (bits[at] >>> 16) & 1;
    bits[at] = (bits[at] + 0x7fff + even) & 0xffff0000;
  }
  return values;
}
