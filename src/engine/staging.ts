import * as tf from './tf.js';

let stagings: { memory: Float32Array; tensor: tf.Tensor }[] = [];

/**
 * A tensor whose numbers `fill` writes into memory that an earlier such tensor has left: fresh memory takes ten times as long to write.
 * What `fill` leaves out holds earlier numbers. The engine may share the memory, so it is taken again only when the tensor is disposed,
 * and nothing that may share its numbers (a clone, another shape, some of its rows) may outlive it. As many memories are kept as such
 * tensors were ever alive at once.
 */
export function stagedTensor(shape: number[], fill: (values: Float32Array) => void): tf.Tensor {
  const length = tf.util.sizeFromShape(shape);
  const free = stagings.find(({ memory, tensor }) => tensor.isDisposed && memory.length >= length);
  const memory = free?.memory ?? new Float32Array(length);
  const values = memory.subarray(0, length);
  fill(values);
  const tensor = tf.tensor(values, shape);
  if (free) free.tensor = tensor;
  // Free memory that is too small makes room for what is large enough.
  else stagings = [...stagings.filter((each) => !each.tensor.isDisposed), { memory, tensor }];
  return tensor;
}
