import { setImmediate } from 'node:timers/promises';
import { UserError } from '../checks/error.js';
import * as tf from '../engine/tf.js';

/** Nearest rows of each row, nearest first: `indices` and cosine `distances` (1 - cosine, at least 0) are [count, k]. */
export interface Nearest {
  indices: Int32Array;
  distances: Float32Array;
}

/** Similarities at once, in floats: 64 MiB. More neither helps the product nor fits a small machine. */
const blockFloats = 1 << 24;

/** Rows that are compared with all others at once. */
export function blockRows(count: number): number {
  return Math.max(1, Math.floor(blockFloats / count));
}

/** Rows [count, width] scaled to length one. The caller frees the tensor. A row that is not finite or all zero is a UserError that names it. */
export function unitRows(embeddings: Float32Array, count: number, width: number): tf.Tensor2D {
  if (embeddings.length !== count * width) {
    throw new UserError(`embeddings: got ${embeddings.length} numbers, expected count x width = ${count} x ${width}.`);
  }
  const unit = new Float32Array(embeddings.length);
  for (let row = 0; row < count; row++) {
    let square = 0;
    for (let i = row * width; i < (row + 1) * width; i++) square += embeddings[i] * embeddings[i];
    if (!(square > 0 && square < Infinity)) {
      throw new UserError(
        `embeddings: row ${row} has no direction (length ${Math.sqrt(square)}), expected finite numbers.`,
      );
    }
    const scale = 1 / Math.sqrt(square);
    for (let i = row * width; i < (row + 1) * width; i++) unit[i] = embeddings[i] * scale;
  }
  return tf.tensor2d(unit, [count, width]);
}

/**
 * The exact `k` nearest other rows of every row of `unit` [count, width] by cosine, block by block on the engine.
 * @param options `signal` stops after the running block: the promise is rejected with its reason; `onProgress` is told the rows done
 */
export async function nearestRows(
  unit: tf.Tensor2D,
  k: number,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (rows: number) => void } = {},
): Promise<Nearest> {
  const [count, width] = unit.shape;
  const nearest = { indices: new Int32Array(count * k), distances: new Float32Array(count * k) };
  const rows = blockRows(count);
  for (let start = 0; start < count; start += rows) {
    const size = Math.min(rows, count - start);
    const top = tf.tidy(() => {
      const block = tf.matMul(tf.slice(unit, [start, 0], [size, width]), unit, false, true);
      return tf.topk(block, k + 1); // one more: the row itself
    });
    const indices = readOnce(top.indices);
    const similarities = readOnce(top.values);
    for (let row = 0; row < size; row++) {
      // Among exact duplicates the row itself may be anywhere in the list, or have fallen out of it.
      let kept = 0;
      for (let i = row * (k + 1); kept < k; i++) {
        if (indices[i] === start + row) continue;
        const at = (start + row) * k + kept++;
        nearest.indices[at] = indices[i];
        nearest.distances[at] = Math.max(0, 1 - similarities[i]);
      }
    }
    onProgress?.(start + size);
    await setImmediate();
    signal?.throwIfAborted();
  }
  return nearest;
}

/** The numbers of a tensor, which is freed. Never hand typed arrays out of `tf.tidy`: it looks at every element for tensors. */
export function readOnce(tensor: tf.Tensor): Float32Array | Int32Array {
  const numbers = tensor.dataSync() as Float32Array | Int32Array;
  tensor.dispose();
  return numbers;
}
