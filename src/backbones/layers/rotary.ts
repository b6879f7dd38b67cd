import { turned } from '../../engine/fused-ops.js';
import { inHalf } from '../../engine/half-products.js';
import * as tf from '../../engine/tf.js';

/**
 * Rotary position embedding of a sequence: cosines and sines per row [rows, headWidth], and the matrix `swap` [headWidth, headWidth] that
 * swaps the halves of a head, (a, b) -> (-b, a). A matrix product is one operation; slicing, negating and joining would be four.
 */
export interface RotaryTable {
  cos: tf.Tensor2D;
  sin: tf.Tensor2D;
  swap: tf.Tensor2D;
}

/** The width / 2 inverse frequencies of rotary embeddings over `width` numbers (RoFormer, arXiv 2104.09864, section 3.4.2). */
export function inverseFrequencies(width: number, theta: number): number[] {
  return Array.from({ length: width / 2 }, (_, i) => Math.fround(1 / Math.fround(theta ** ((2 * i) / width))));
}

/** The rotary table of `positions` [rows, axes] (int32). Frequency j of a head's half uses the position on axis `axisOf[j]`. */
export function rotaryTable(positions: tf.Tensor2D, frequencies: number[], axisOf: number[]): RotaryTable {
  const half = frequencies.length;
  const headWidth = 2 * half;
  const axes = positions.shape[1];
  const spread = new Float32Array(axes * headWidth);
  for (let j = 0; j < headWidth; j++) spread[axisOf[j % half] * headWidth + j] = frequencies[j % half];
  const angles: tf.Tensor2D = tf.matMul(tf.cast(positions, 'float32'), tf.tensor2d(spread, [axes, headWidth]));
  const swap = new Float32Array(headWidth * headWidth);
  for (let j = 0; j < half; j++) {
    swap[(j + half) * headWidth + j] = -1;
    swap[j * headWidth + j + half] = 1;
  }
  return { cos: tf.cos(angles), sin: tf.sin(angles), swap: tf.tensor2d(swap, [headWidth, headWidth]) };
}

/** A table whose rotation also multiplies by `factor`. Attention scales its queries by 1 / sqrt(headWidth) this way. */
export function scaledTable(table: RotaryTable, factor: number): RotaryTable {
  return { ...table, cos: tf.mul(table.cos, tf.scalar(factor)), sin: tf.mul(table.sin, tf.scalar(factor)) };
}

/**
 * Apply rotary embeddings to every head of `x` [heads, groups, length, headWidth]. The rows of each head repeat the table's rows in order.
 */
export function rotate(x: tf.Tensor4D, table: RotaryTable): tf.Tensor4D {
  const [rows, width] = table.cos.shape;
  // Broadcasting over two axes is several times faster than over three.
  const flat = [x.size / (rows * width), rows * width];
  const turn = (from: tf.Tensor, swap: tf.Tensor2D, transposed: boolean) =>
    inHalf(() => tf.matMul(tf.reshape(from, [-1, width]) as tf.Tensor2D, swap, false, transposed));
  const apply = tf.customGrad((input, save) => {
    const fused = turned(input as tf.Tensor4D, table.cos, table.sin);
    if (fused) {
      (save as tf.GradSaveFunc)([table.cos, table.sin]);
      return { value: fused, gradFunc: (dy, [cos, sin]) => turned(dy, cos, sin, true)! };
    }
    const cos = tf.reshape(table.cos, [1, rows * width]);
    const sin = tf.reshape(table.sin, [1, rows * width]);
    (save as tf.GradSaveFunc)([cos, sin, table.swap]);
    const swapped = tf.reshape(turn(input as tf.Tensor, table.swap, false), flat);
    const value = tf.add(tf.mul(tf.reshape(input as tf.Tensor, flat), cos), tf.mul(swapped, sin));
    return {
      value: tf.reshape(value, x.shape),
      gradFunc: (dy, saved) => {
        const [savedCos, savedSin, savedSwap] = saved;
        const flatDy = tf.reshape(dy, flat);
        const back = turn(tf.mul(flatDy, savedSin), savedSwap as tf.Tensor2D, true);
        return tf.reshape(tf.add(tf.mul(flatDy, savedCos), tf.reshape(back, flat)), x.shape);
      },
    };
  });
  return apply(x) as tf.Tensor4D;
}
