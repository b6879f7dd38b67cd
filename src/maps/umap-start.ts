import { type RandomStream, randomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import { readAndDispose } from '../search/top-rows.js';

/** Number of iterations; enough, because the layout moves the points anyway. */
const ROUNDS = 15;
/** Half the width of the initial map, and the noise that separates duplicates; both as in umap-learn. */
const HALF = 10;
const NOISE = 1e-4;

/**
 * The initial positions on the map: the principal components of the embeddings, so that the map keeps the global structure that a random
 * start loses (Kobak and Linderman 2021). Computed by orthogonal iteration on the engine.
 * @param unit [count, width]
 * @returns [count, 3]; the third coordinate is 0 for a 2D map
 */
export function principalStart(unit: tf.Tensor2D, dimensions: 2 | 3, seed: number): Float32Array {
  const [count, width] = unit.shape;
  const random = randomStream(seed, 'umap-start');
  const columns = Math.min(dimensions, width);
  const mean = tf.tidy(() => tf.mean(unit, 0, true) as tf.Tensor2D);
  let axes = orthonormal(
    Float32Array.from({ length: width * columns }, () => random.normal()),
    columns,
  );
  for (let round = 0; round < ROUNDS; round++) {
    const turned = tf.tidy(() => tf.matMul(unit, project(unit, mean, axes, columns), true, false));
    // The projections are centred, so the mean need not be subtracted again.
    axes = orthonormal(readAndDispose(turned) as Float32Array, columns);
  }
  const places = readAndDispose(tf.tidy(() => project(unit, mean, axes, columns)));
  mean.dispose();
  return spread(places, count, columns, dimensions, random);
}

function project(unit: tf.Tensor2D, mean: tf.Tensor2D, axes: Float32Array, columns: number): tf.Tensor2D {
  const matrix = tf.tensor2d(axes, [unit.shape[1], columns]);
  return tf.sub(tf.matMul(unit, matrix), tf.matMul(mean, matrix));
}

function spread(
  places: ArrayLike<number>,
  count: number,
  columns: number,
  dimensions: number,
  random: RandomStream,
): Float32Array {
  let max = 0;
  for (let at = 0; at < places.length; at++) max = Math.max(max, Math.abs(places[at]));
  const scale = max > 1e-6 ? HALF / max : 0; // all points coincide: only noise
  const points = new Float32Array(3 * count);
  for (let row = 0; row < count; row++) {
    for (let axis = 0; axis < dimensions; axis++) {
      const place = axis < columns ? scale * places[row * columns + axis] : 0;
      points[3 * row + axis] = place + NOISE * random.normal();
    }
  }
  return points;
}

/** Orthonormalise the columns of a matrix [rows, columns] in place (Gram-Schmidt). A column that vanishes stays zero. */
function orthonormal(matrix: Float32Array, columns: number): Float32Array {
  const rows = matrix.length / columns;
  const dot = (a: number, b: number) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += matrix[row * columns + a] * matrix[row * columns + b];
    return sum;
  };
  for (let own = 0; own < columns; own++) {
    for (let before = 0; before < own; before++) {
      const projected = dot(own, before);
      for (let row = 0; row < rows; row++) matrix[row * columns + own] -= projected * matrix[row * columns + before];
    }
    const length = Math.sqrt(dot(own, own));
    for (let row = 0; row < rows; row++) matrix[row * columns + own] *= length > 1e-12 ? 1 / length : 0;
  }
  return matrix;
}
