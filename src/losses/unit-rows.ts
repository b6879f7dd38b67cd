import { wrongOption } from '../checks/error.js';
import * as tf from '../engine/tf.js';

/**
 * Normalise rows to length 1, in full or truncated to their first numbers (Matryoshka, Kusupati et al., arXiv 2205.13147): on tensors for
 * training, and on arrays for stored embeddings.
 */

/** Scale rows [rows, width] to length 1. A row of zeros stays zero. */
export function unit(x: tf.Tensor2D): tf.Tensor2D {
  const squared = tf.sum(tf.square(x), 1, true);
  return tf.mul(x, tf.rsqrt(tf.maximum(squared, 1e-12))) as tf.Tensor2D;
}

/**
 * Truncate unit vectors [rows, width] to their first `size` numbers and rescale them to length 1: [rows, size]. At full width this is `x`
 * itself.
 */
export function truncated(x: tf.Tensor2D, size: number): tf.Tensor2D {
  return size === x.shape[1] ? x : unit(tf.slice(x, [0, 0], [-1, size]));
}

/**
 * Truncate vectors [rows * width] to their first `size` numbers and rescale them to length 1: [rows * size]. A row of zeros stays zero.
 * @throws UserError for a size that is not from 1 to `width`
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

/** @throws UserError for a size that is not from 1 to `width` */
export function checkSize(size: number, width: number): void {
  if (!(Number.isInteger(size) && size >= 1 && size <= width))
    throw wrongOption('size', size, `an integer from 1 to ${width}, the width of the vectors`);
}
