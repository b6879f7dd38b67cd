import { setImmediate } from 'node:timers/promises';
import { randomStream } from '../engine/random.js';
import type * as tf from '../engine/tf.js';
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
 * @param landmarks their rows in `unit`, the same rows as a tensor [landmarks, width], and their positions [landmarks, dimensions]
 * @param options `signal` aborts after the current block: the promise is rejected with its reason; `onProgress` receives the number of
 * finished rows
 * @returns [count, dimensions]
 */
export async function placeAmongLandmarks(
  unit: tf.Tensor2D,
  { rows, unit: others, positions }: { rows: Int32Array; unit: tf.Tensor2D; positions: Float32Array },
  k: number,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (rows: number) => void } = {},
): Promise<Float32Array> {
  const [count] = unit.shape;
  const dimensions = positions.length / rows.length;
  const map = new Float32Array(count * dimensions);
  for (const { start, size, indices, similarities } of topRows(unit, k, { others })) {
    const distances = similarities.map((cosine) => Math.max(0, 1 - cosine));
    const strengths = membershipStrengths(distances, size);
    for (let row = 0; row < size; row++) {
      const own = { weights: strengths.subarray(row * k), places: indices.subarray(row * k, (row + 1) * k) };
      placePoint(map, (start + row) * dimensions, positions, dimensions, own);
    }
    onProgress?.(start + size);
    await setImmediate();
    signal?.throwIfAborted();
  }
  for (const [at, row] of rows.entries()) {
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
