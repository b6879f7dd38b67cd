import * as tf from '../engine/tf.js';

/** Number of similarities computed together: 32 MiB of floats. Larger blocks are not faster and do not fit small machines. */
const BLOCK = 1 << 23;

/** Number of rows that are compared with `count` others at once. */
export function blockRows(count: number): number {
  return Math.max(1, Math.floor(BLOCK / Math.max(1, count)));
}

/** The `k` most similar rows of each of the `size` rows from `start` on, most similar first, [size, k]. */
export interface TopRows {
  start: number;
  size: number;
  indices: Int32Array;
  similarities: Float32Array;
}

export interface TopRowsOptions {
  others?: tf.Tensor2D;
  scoresOf?: (cosines: tf.Tensor2D, start: number) => tf.Tensor2D;
}

/**
 * The exact `k` most similar rows of each row of `unit` [count, width], in blocks of rows. A row is usually among its own most similar
 * rows; the caller must skip it.
 * @param options `others` are searched instead of all rows of `unit`; `scoresOf` modifies the cosines [size, others] of the rows from
 * `start` on before the search, e.g. to exclude some
 */
export function* topRows(
  unit: tf.Tensor2D,
  k: number,
  { others = unit, scoresOf = (cosines) => cosines }: TopRowsOptions = {},
): Generator<TopRows, void, void> {
  const [count, width] = unit.shape;
  const rows = blockRows(others.shape[0]);
  for (let start = 0; start < count; start += rows) {
    const size = Math.min(rows, count - start);
    const top = tf.tidy(() => {
      const cosines: tf.Tensor2D = tf.matMul(tf.slice(unit, [start, 0], [size, width]), others, false, true);
      return tf.topk(scoresOf(cosines, start), k);
    });
    const indices = readAndDispose(top.indices) as Int32Array;
    yield { start, size, indices, similarities: readAndDispose(top.values) as Float32Array };
  }
}

/** Read the values of a tensor and free it. Do not return typed arrays from `tf.tidy`: it searches every element for tensors. */
export function readAndDispose(tensor: tf.Tensor): Float32Array | Int32Array {
  const numbers = tensor.dataSync() as Float32Array | Int32Array;
  tensor.dispose();
  return numbers;
}
