import * as tf from './tf.js';

const stagings: { memory: Float32Array; tensor: tf.Tensor }[] = [];

/**
 * A tensor whose numbers `fill` writes into memory that an earlier such tensor has left: fresh memory takes ten times as long to write.
 * What `fill` leaves out holds earlier numbers. The engine may share the memory, so it is taken again only when the tensor is disposed,
 * and nothing that may share its numbers (a clone, another shape, some of its rows) may outlive it. As many memories are kept as such
 * tensors were ever alive at once.
 */
export function stagedTensor(shape: number[], fill: (values: Float32Array) => void): tf.Tensor {
  const length = shape.reduce((product, side) => product * side, 1);
  const free = stagings.filter(({ tensor }) => tensor.isDisposed);
  const staging = free.find(({ memory }) => memory.length >= length);
  const memory = staging?.memory ?? new Float32Array(length);
  const values = memory.subarray(0, length);
  fill(values);
  const tensor = tf.tensor(values, shape);
  // Memory too small for this tensor makes room for one that is large enough.
  if (!staging) for (const each of free) stagings.splice(stagings.indexOf(each), 1);
  if (staging) staging.tensor = tensor;
  else stagings.push({ memory, tensor });
  return tensor;
}
