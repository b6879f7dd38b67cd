import * as tf from './tf.js';

let stagings: { memory: Float32Array; tensor: tf.Tensor }[] = [];

/**
 * A tensor that `fill` writes into memory reused from a disposed tensor: writing to fresh memory takes ten times as long. Entries that
 * `fill` skips hold old numbers. The engine may share the memory, so it is reused only after the tensor is disposed, and nothing that may
 * share it (a clone, a reshape, a slice) may outlive the tensor. The number of buffers is the largest number of such tensors alive at once.
 */
export function stagedTensor(shape: number[], fill: (values: Float32Array) => void): tf.Tensor {
  const length = tf.util.sizeFromShape(shape);
  const free = stagings.find(({ memory, tensor }) => tensor.isDisposed && memory.length >= length);
  const memory = free?.memory ?? new Float32Array(length);
  const values = memory.subarray(0, length);
  fill(values);
  const tensor = tf.tensor(values, shape);
  if (free) free.tensor = tensor;
  // A free buffer that is too small is replaced by a larger one.
  else stagings = [...stagings.filter((each) => !each.tensor.isDisposed), { memory, tensor }];
  return tensor;
}
