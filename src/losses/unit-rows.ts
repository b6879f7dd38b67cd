import { wrongOption } from '../checks/error.js';
import * as tf from '../engine/tf.js';

/**
 * Rows of length one, whole or cut to their first numbers (Matryoshka, Kusupati et al. 2022): as tensors for training, and as arrays
 * for what a network has embedded.
 */

/** Rows [rows, width] scaled to length 1; a row of zeros stays zeros. */
export function unit(x: tf.Tensor2D): tf.Tensor2D {
  const squared = tf.sum(tf.square(x), 1, true);
  return tf.mul(x, tf.rsqrt(tf.maximum(squared, 1e-12))) as tf.Tensor2D;
}

/** The first `size` numbers of every unit vector [rows, width], scaled to length 1: [rows, size]. The whole width is `x` itself. */
export function truncated(x: tf.Tensor2D, size: number): tf.Tensor2D {
  return size === x.shape[1] ? x : unit(tf.slice(x, [0, 0], [-1, size]));
}

/**
 * Vectors [rows * width] cut to their first `size` numbers and scaled to length 1: [rows * size]; a row of zeros stays zeros.
 * @throws UserError for a size that vectors of this width do not have
 */
export function truncate(vectors: Float32Array, width: number, size: number): Float32Array {
  checkSize(size, width);
  const rows = vectors.length / width;
  const out = new Float32Array(rows * size);
  for (let row = 0; row < rows; row++) {
    const first = vectors.subarray(row * width, row * width + size);
    const length = Math.sqrt(first.reduce((sum, value) => sum + value * value, 0));
    for (let at = 0; at < size; at++) out[row * size + at] = length && first[at] / length;
  }
  return out;
}

/** @throws UserError for a size that vectors of this width do not have */
export function checkSize(size: number, width: number): void {
  if (!(Number.isInteger(size) && size >= 1 && size <= width))
    throw wrongOption('size', size, `a whole number from 1 to ${width}, the width of the vectors`);
}
