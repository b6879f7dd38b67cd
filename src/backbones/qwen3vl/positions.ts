import { gatherRows } from '../../engine/native-ops.js';
import * as tf from '../../engine/tf.js';
import { inverseFrequencies, type RotaryTable, rotaryTable } from '../layers/rotary.js';
import type { Grid } from '../qwen25vl/config.js';
import type { Qwen3VisionConfig } from './config.js';

/** Fixed by the published code, not by `config.json`. */
const ropeTheta = 10_000;

/** Row and column of every patch of a frame, the patches of one token side by side. */
export function unitOrder({ mergeSize }: Qwen3VisionConfig, { h, w }: Grid): [row: number, column: number][] {
  const places: [number, number][] = [];
  for (let top = 0; top < h; top += mergeSize)
    for (let left = 0; left < w; left += mergeSize)
      for (let y = top; y < top + mergeSize; y++) for (let x = left; x < left + mergeSize; x++) places.push([y, x]);
  return places;
}

/** Learned positions of a square grid, read bilinearly at the places of an image's own grid [h * w, width]. */
export function interpolatedPositions(
  { positions }: Qwen3VisionConfig,
  learned: tf.Tensor2D,
  { h, w }: Grid,
  places: readonly [number, number][],
): tf.Tensor2D {
  const side = Math.sqrt(positions);
  const axis = (count: number) =>
    Array.from({ length: count }, (_, at) => {
      const place = count === 1 ? 0 : Math.fround((at * (side - 1)) / (count - 1));
      const low = Math.trunc(place);
      return { low, high: Math.min(low + 1, side - 1), part: Math.fround(place - low) };
    });
  const [rows, columns] = [axis(h), axis(w)];
  const mix = new Float32Array(places.length * positions);
  places.forEach(([y, x], at) => {
    const [row, column] = [rows[y], columns[x]];
    const add = (r: number, c: number, factor: number) => {
      mix[at * positions + r * side + c] += factor;
    };
    add(row.low, column.low, (1 - row.part) * (1 - column.part));
    add(row.low, column.high, (1 - row.part) * column.part);
    add(row.high, column.low, row.part * (1 - column.part));
    add(row.high, column.high, row.part * column.part);
  });
  return tf.matMul(tf.tensor2d(mix, [places.length, positions]), learned);
}

/**
 * The same for patches whose places are on the engine [images * patches, width].
 * @param places row and column of every patch [images, patches]
 * @param sizes rows and columns of patches of every image [images, 1]
 */
export function positionsOn(
  { positions }: Qwen3VisionConfig,
  learned: tf.Tensor2D,
  places: [row: tf.Tensor2D, column: tf.Tensor2D],
  sizes: tf.Tensor2D[],
): tf.Tensor2D {
  const side = Math.sqrt(positions);
  const last = tf.scalar(side - 1, 'int32');
  const [row, column] = places.map((place, axis) => {
    const end = tf.maximum(tf.sub(tf.cast(sizes[axis], 'float32'), 1), 1);
    const on = tf.div(tf.mul(tf.cast(place, 'float32'), side - 1), end);
    const low = tf.cast(tf.floor(on), 'int32');
    const part = tf.sub(on, tf.cast(low, 'float32'));
    return [
      { at: low, factor: tf.sub(1, part) },
      { at: tf.minimum(tf.add(low, tf.scalar(1, 'int32')), last), factor: part },
    ];
  });
  const corners = row.flatMap((r) =>
    column.map((c) => {
      const rows = tf.reshape(tf.add(tf.mul(r.at, tf.scalar(side, 'int32')), c.at), [-1]) as tf.Tensor1D;
      return tf.mul(gatherRows(learned, rows), tf.reshape(tf.mul(r.factor, c.factor), [-1, 1]));
    }),
  );
  return tf.addN(corners) as tf.Tensor2D;
}

/** Rotary table of patches at places [patches, 2]: half of a head encodes a patch's row, the other half its column. */
export function axialTable({ width, heads }: Qwen3VisionConfig, places: tf.Tensor2D): RotaryTable {
  const frequencies = inverseFrequencies(width / heads / 2, ropeTheta);
  const axisOf = [...frequencies.map(() => 0), ...frequencies.map(() => 1)];
  return rotaryTable(places, [...frequencies, ...frequencies], axisOf);
}
