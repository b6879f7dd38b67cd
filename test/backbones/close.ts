import { expect } from 'vitest';
import type { Weights } from '../../src/engine/flat-weights.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';

/** Normal numbers of a shape, the same for the same name. */
export function normal(name: string, ...shape: number[]): tf.Tensor {
  const draw = randomStream(7, name);
  const size = shape.reduce((product, side) => product * side, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => draw.normal()),
    shape,
  );
}

/** Largest absolute difference, relative to the truth's largest absolute value. */
export function relativeError(ours: ArrayLike<number>, truth: ArrayLike<number>): number {
  if (ours.length !== truth.length) return Number.POSITIVE_INFINITY;
  let [difference, largest] = [0, 0];
  for (let i = 0; i < truth.length; i++) {
    const here = Math.abs(ours[i] - truth[i]);
    // NaN must not slip through Math.max.
    difference = here > difference || Number.isNaN(here) ? here : difference;
    largest = Math.max(largest, Math.abs(truth[i]));
  }
  return difference / largest;
}

/** Two arrays hold the same bits; far quicker than `toEqual`. */
export function sameBits(ours: ArrayBufferView, truth: ArrayBufferView): boolean {
  const bytes = (view: ArrayBufferView) => Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  return bytes(ours).equals(bytes(truth));
}

/** Two tensors agree within `tolerance` of the second one's largest value. */
export function expectClose(ours: tf.Tensor, truth: tf.Tensor, what = '', tolerance = 1e-5): void {
  expect(ours.shape, what).toEqual(truth.shape);
  expect(relativeError(ours.dataSync(), truth.dataSync()), what).toBeLessThan(tolerance);
}

/** Two functions of tensors agree in value and in the gradient by every input. */
export function expectSameFunction(
  ours: (...inputs: tf.Tensor[]) => tf.Tensor,
  truth: (...inputs: tf.Tensor[]) => tf.Tensor,
  inputs: tf.Tensor[],
  tolerance = 1e-5,
): void {
  tf.tidy(() => {
    const value = truth(...inputs);
    expectClose(ours(...inputs), value, 'value', tolerance);
    const dy = normal('upstream', ...value.shape);
    const [mine, theirs] = [tf.grads(ours)(inputs, dy), tf.grads(truth)(inputs, dy)];
    for (const [i, grad] of mine.entries()) expectClose(grad, theirs[i], `gradient ${i}`, tolerance);
  });
}

/** A loss and its gradient by every weight. */
export function gradients(
  weights: Weights,
  loss: (weights: Weights) => tf.Scalar,
): { value: tf.Scalar; grads: Weights } {
  const names = Object.keys(weights);
  const named = (values: tf.Tensor[]) => Object.fromEntries(names.map((name, i) => [name, values[i]]));
  const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => loss(named(values)))(Object.values(weights));
  return { value: value as tf.Scalar, grads: named(grads) };
}
