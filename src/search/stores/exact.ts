import * as tf from '../../engine/tf.js';
import { readAndDispose } from '../top-rows.js';
import type { QueryVectors } from './vector-store.js';

/** Rows of a group, of which the engine reports the largest cosine alone. */
const GROUP = 64;
/** Rows and queries compared at once; their scores take 128 MiB. */
const ROWS = 1 << 18;
const QUERIES = 128;
/** More than the rounding error of a cosine in single precision. */
const ROUNDING = 4e-6;

/** Unit vectors on the engine, in blocks [rows, width], the last filled up with zeros. */
export interface Blocks {
  tensors: tf.Tensor2D[];
  dispose(): void;
}

/** Upload vectors [count, width] as unit vectors. @param rows only these of them, in this order @param most rows of a block, a multiple of 64 */
export function uploadBlocks(vectors: Float32Array, width: number, rows?: Int32Array, most = ROWS): Blocks {
  const count = rows?.length ?? vectors.length / width;
  const tensors: tf.Tensor2D[] = [];
  for (let start = 0; start < count; start += most) {
    const size = Math.min(most, count - start);
    const block = new Float32Array(Math.ceil(size / GROUP) * GROUP * width);
    for (let at = 0; at < size; at++) {
      const from = (rows ? rows[start + at] : start + at) * width;
      const own = block.subarray(at * width, (at + 1) * width);
      own.set(vectors.subarray(from, from + width));
      scaleToUnit(own);
    }
    tensors.push(tf.tensor2d(block, [block.length / width, width]));
  }
  return { tensors, dispose: () => tf.dispose(tensors) };
}

/**
 * For each query, places among the uploaded rows that hold its `k` most similar ones for sure, and about 64 times as many others: the groups
 * whose largest cosine is not below the k-th largest of all. The engine computes every cosine and keeps none.
 * @param count number of uploaded rows
 */
export function* exactCandidates(
  blocks: Blocks,
  count: number,
  { vectors, width }: QueryVectors,
  k: number,
): Generator<Int32Array> {
  const total = vectors.length / width;
  for (let start = 0; start < total; start += QUERIES) {
    const size = Math.min(QUERIES, total - start);
    const maxima = groupMaxima(blocks, unitTensor(vectors, width, start, size), size);
    for (let query = 0; query < size; query++) {
      const own = maxima.map((block) =>
        block.subarray((query * block.length) / size, ((query + 1) * block.length) / size),
      );
      yield placesOf(own, k, count);
    }
  }
}

function unitTensor(vectors: Float32Array, width: number, start: number, size: number): tf.Tensor2D {
  const unit = vectors.slice(start * width, (start + size) * width);
  for (let from = 0; from < unit.length; from += width) scaleToUnit(unit.subarray(from, from + width));
  return tf.tensor2d(unit, [size, width]);
}

function scaleToUnit(vector: Float32Array): void {
  let square = 0;
  for (const value of vector) square += value * value;
  const scale = 1 / Math.sqrt(square);
  for (let at = 0; at < vector.length; at++) vector[at] *= scale;
}

/** The largest cosine of each query with each group, [queries, groups] for every block. */
function groupMaxima({ tensors }: Blocks, queries: tf.Tensor2D, size: number): Float32Array[] {
  const all = tensors.map((block) => {
    const maxima = tf.tidy(() => {
      const scores = tf.matMul(queries, block, false, true);
      return tf.max(tf.reshape(scores, [(size * block.shape[0]) / GROUP, GROUP]), 1);
    });
    return readAndDispose(maxima) as Float32Array;
  });
  queries.dispose();
  return all;
}

function placesOf(maxima: readonly Float32Array[], k: number, count: number): Int32Array {
  const least = kthLargest(maxima, k) - ROUNDING;
  const places: number[] = [];
  let first = 0;
  for (const block of maxima) {
    for (let group = 0; group < block.length; group++) {
      if (block[group] < least) continue;
      const start = first + group * GROUP;
      for (let place = start; place < Math.min(count, start + GROUP); place++) places.push(place);
    }
    first += block.length * GROUP;
  }
  return Int32Array.from(places);
}

/** The k-th largest of all values, or -Infinity where there are fewer. */
function kthLargest(values: readonly Float32Array[], k: number): number {
  const largest = new Float32Array(k).fill(-Infinity);
  for (const block of values) {
    for (const value of block) {
      if (!(value > largest[k - 1])) continue;
      let place = k - 1;
      for (; place > 0 && value > largest[place - 1]; place--) largest[place] = largest[place - 1];
      largest[place] = value;
    }
  }
  return largest[k - 1];
}
