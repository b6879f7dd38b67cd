import { setImmediate } from 'node:timers/promises';
import { randomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import { blockRows, readAndDispose } from '../search/top-rows.js';

/** How faithful a map is. Both measures are 1 for a perfect map. */
export interface MapQuality {
  /** 1 minus the normalised rank errors of points that are near on the map but not in the embeddings (Venna and Kaski 2001). */
  trustworthiness: number;
  /** Fraction of the k nearest points on the map that are also among the k nearest embeddings. */
  overlap: number;
  /** Number of points compared with all others. */
  checked: number;
}

/** Larger maps are judged by a sample of this size, because every point needs a pass over all others. */
const sampleSize = 2000;

/**
 * Compare the neighbourhoods of a map with those of its embeddings.
 * @param unit embeddings of unit length, [count, width], compared by cosine
 * @param coordinates the map, [count, 2] or [count, 3], compared by Euclidean distance
 * @param k number of neighbours to compare, below count / 2
 * @param seed seed for sampling 2,000 points of a larger map
 * @param signal aborts after the current block: the promise is rejected with its reason
 */
export async function mapQuality(
  unit: tf.Tensor2D,
  coordinates: Float32Array,
  k: number,
  seed: number,
  signal?: AbortSignal,
): Promise<MapQuality> {
  const [count] = unit.shape;
  const everyRow = Array.from({ length: count }, (_, row) => row);
  const sample =
    count <= sampleSize ? everyRow : randomStream(seed, 'map-quality').shuffle(everyRow).slice(0, sampleSize);
  let excess = 0;
  let shared = 0;
  const rows = blockRows(count);
  const axes = axesOf(coordinates, count);
  try {
    for (let start = 0; start < sample.length; start += rows) {
      const block = sample.slice(start, start + rows);
      const [similarities, drawnNear] = compareBlock(unit, axes, block, k);
      for (const [at, row] of block.entries()) {
        const own = similarities.subarray(at * count, (at + 1) * count);
        const near = [...drawnNear.subarray(at * (k + 1), (at + 1) * (k + 1))].filter((other) => other !== row);
        for (const rank of ranksOf(own, row, near.slice(0, k))) {
          excess += Math.max(0, rank - k);
          if (rank <= k) shared++;
        }
      }
      await setImmediate();
      signal?.throwIfAborted();
    }
  } finally {
    tf.dispose(axes);
  }
  const checked = sample.length;
  return {
    trustworthiness: 1 - (2 * excess) / (checked * k * (2 * count - 3 * k - 1)),
    overlap: shared / (checked * k),
    checked,
  };
}

/** The coordinates of all points along each axis, [1, count]. */
function axesOf(coordinates: Float32Array, count: number): tf.Tensor2D[] {
  const dimensions = coordinates.length / count;
  return Array.from({ length: dimensions }, (_, axis) =>
    tf.tensor2d(
      Float32Array.from({ length: count }, (_, row) => coordinates[dimensions * row + axis]),
      [1, count],
    ),
  );
}

/**
 * Similarities [rows, count] of the rows to all embeddings, and the k + 1 nearest points on the map of each row, including itself.
 * `topRows` cannot be used: the map uses Euclidean distance, and the ranks of embeddings need all similarities.
 */
function compareBlock(unit: tf.Tensor2D, axes: readonly tf.Tensor2D[], rows: number[], k: number) {
  const similarities = tf.tidy(() => tf.matMul(tf.gather(unit, tf.tensor1d(rows, 'int32')), unit, false, true));
  const nearest = tf.tidy(() => {
    const own = tf.tensor1d(rows, 'int32');
    const squares = axes.map((all) => tf.squaredDifference(tf.transpose(tf.gather(all, own, 1)), all));
    return tf.topk(tf.neg(tf.addN(squares)), k + 1);
  });
  nearest.values.dispose();
  return [readAndDispose(similarities), readAndDispose(nearest.indices)] as const;
}

/**
 * Rank of each of the `others` by similarity to `row`, 1 for the nearest. Ties share the best rank. A single pass, since few embeddings are
 * nearer than the last of `others`.
 */
function ranksOf(similarities: ArrayLike<number>, row: number, others: readonly number[]): number[] {
  const sorted = others.map((other) => similarities[other]).sort((a, b) => a - b);
  const nearer = new Array<number>(sorted.length).fill(0);
  for (let i = 0; i < similarities.length; i++) {
    if (i === row) continue;
    for (let at = 0; at < sorted.length && similarities[i] > sorted[at]; at++) nearer[at]++;
  }
  return nearer.map((count) => count + 1);
}
