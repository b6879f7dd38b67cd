import * as tf from '../engine/tf.js';

/** Similarities at once, in floats: 32 MiB. More neither helps the product nor fits a small machine. */
const BLOCK = 1 << 23;

/** Rows that are compared with `count` others at once. */
export function blockRows(count: number): number {
  return Math.max(1, Math.floor(BLOCK / Math.max(1, count)));
}

/** The `k` most similar rows of each of `size` rows from `start` on, most similar first: [size, k]. */
export interface TopRows {
  start: number;
  size: number;
  indices: Int32Array;
  similarities: Float32Array;
}

/**
 * The `k` rows of `unit` [count, width] that are most similar to each of its rows, exactly, a block of rows after the other: the one
 * search of everything that compares a set with itself. A row is among its own most similar ones; its caller leaves it out.
 * @param scoresOf changes a block's cosines [size, count] of the rows from `start` on before the search, such as by leaving out some
 */
export function* topRows(
  unit: tf.Tensor2D,
  k: number,
  scoresOf: (cosines: tf.Tensor2D, start: number) => tf.Tensor2D = (cosines) => cosines,
): Generator<TopRows, void, void> {
  const [count, width] = unit.shape;
  const rows = blockRows(count);
  for (let start = 0; start < count; start += rows) {
    const size = Math.min(rows, count - start);
    const top = tf.tidy(() => {
      const cosines: tf.Tensor2D = tf.matMul(tf.slice(unit, [start, 0], [size, width]), unit, false, true);
      return tf.topk(scoresOf(cosines, start), k);
    });
    const indices = readOnce(top.indices) as Int32Array;
    yield { start, size, indices, similarities: readOnce(top.values) as Float32Array };
  }
}

/** The numbers of a tensor, which is freed. Never hand typed arrays out of `tf.tidy`: it looks at every element for tensors. */
export function readOnce(tensor: tf.Tensor): Float32Array | Int32Array {
  const numbers = tensor.dataSync() as Float32Array | Int32Array;
  tensor.dispose();
  return numbers;
}
