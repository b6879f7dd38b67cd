import { setImmediate } from 'node:timers/promises';
import { randomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import { topRows } from '../search/top-rows.js';
import { membershipStrengths } from './umap-strengths.js';

/** Choose `size` of `count` rows at random, in ascending order. */
export function chooseLandmarks(count: number, size: number, seed: number): Int32Array {
  const rows = Array.from({ length: count }, (_, row) => row);
  return Int32Array.from(randomStream(seed, 'landmarks').shuffle(rows).slice(0, size)).sort();
}

/**
 * Place all points on a map of some of them: a landmark keeps its position, any other point lies at the mean of its `k` nearest landmarks
 * by cosine, weighted by their membership strengths, where UMAP starts the points that it adds to a map (`transform` of umap-learn).
 * @param unit [count, width], of unit length
 * @param landmarks rows of `unit`
 * @param positions of the landmarks, [landmarks, dimensions]
 * @param options `signal` aborts after the current block: the promise is rejected with its reason; `onProgress` receives the number of
 * finished rows
 * @returns [count, dimensions]
 */
export async function placeAmongLandmarks(
  unit: tf.Tensor2D,
  landmarks: Int32Array,
  positions: Float32Array,
  k: number,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (rows: number) => void } = {},
): Promise<Float32Array> {
  const [count] = unit.shape;
  const dimensions = positions.length / landmarks.length;
  const map = new Float32Array(count * dimensions);
  const others = tf.tidy(() => tf.gather(unit, tf.tensor1d(landmarks, 'int32')));
  try {
    for (const { start, size, indices, similarities } of topRows(unit, k, { others })) {
      const strengths = membershipStrengths(
        similarities.map((cosine) => Math.max(0, 1 - cosine)),
        size,
      );
      for (let row = 0; row < size; row++) {
        const own = { weights: strengths.subarray(row * k), places: indices.subarray(row * k, (row + 1) * k) };
        placePoint(map, (start + row) * dimensions, positions, dimensions, own);
      }
      onProgress?.(start + size);
      await setImmediate();
      signal?.throwIfAborted();
    }
  } finally {
    others.dispose();
  }
  for (const [at, row] of landmarks.entries()) {
    map.set(positions.subarray(at * dimensions, (at + 1) * dimensions), row * dimensions);
  }
  return map;
}

function placePoint(
  map: Float32Array,
  at: number,
  positions: Float32Array,
  dimensions: number,
  { weights, places }: { weights: Float64Array; places: Int32Array },
): void {
  let total = 0;
  for (let near = 0; near < places.length; near++) total += weights[near];
  for (let axis = 0; axis < dimensions; axis++) {
    let sum = 0;
    for (let near = 0; near < places.length; near++) sum += weights[near] * positions[places[near] * dimensions + axis];
    map[at + axis] = sum / total;
  }
}
