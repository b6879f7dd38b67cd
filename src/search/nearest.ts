import { setImmediate } from 'node:timers/promises';
import * as tf from '../engine/tf.js';
import { topRows } from './top-rows.js';
import { checkRows, unitVectors } from './unit-embeddings.js';

/** The nearest rows of each row, nearest first. `indices` and cosine `distances` (1 - cosine, at least 0) are [count, k]. */
export interface Nearest {
  indices: Int32Array;
  distances: Float32Array;
}

/**
 * Normalise rows [count, width] to unit length, on the engine. Every row is scaled, even if its length is 1 up to rounding, because maps
 * depend on every digit. The caller frees the tensor.
 * @throws UserError if the number of values is not count x width, and naming a row that is zero or not finite
 */
export function unitRows(embeddings: Float32Array, count: number, width: number): tf.Tensor2D {
  checkRows('embeddings', embeddings, count, width);
  const unit = unitVectors(embeddings, width, (row) => `embeddings: row ${row}`, { keep: 0 });
  return tf.tensor2d(unit, [count, width]);
}

/**
 * The exact `k` nearest other rows by cosine of every row of `unit` [count, width], computed in blocks on the engine.
 * @param options `signal` aborts after the current block: the promise is rejected with its reason; `onProgress` receives the number of
 * finished rows
 */
export async function nearestRows(
  unit: tf.Tensor2D,
  k: number,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (rows: number) => void } = {},
): Promise<Nearest> {
  const [count] = unit.shape;
  const nearest = { indices: new Int32Array(count * k), distances: new Float32Array(count * k) };
  // One more, because the result contains the row itself.
  for (const { start, size, indices, similarities } of topRows(unit, k + 1)) {
    for (let row = 0; row < size; row++) {
      // Among exact duplicates the row itself may be at any position, or missing.
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
