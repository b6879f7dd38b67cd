import { collectGarbage, WORTH_COLLECTING } from './memory.js';
import * as tf from './tf.js';

/** Weights by canonical Hugging Face name (`visual.*`, `model.*`, `lm_head.weight`); matrices are [out, in]. */
export type Weights = Record<string, tf.Tensor>;

/** The weights whose name starts with `prefix`. */
export function weightsUnder(weights: Weights, prefix: string): Weights {
  return Object.fromEntries(Object.entries(weights).filter(([name]) => name.startsWith(prefix)));
}

/** Names, shapes and sizes of the weights in a flat tensor, in order. */
export interface FlatLayout {
  names: string[];
  shapes: number[][];
  sizes: number[];
}

/** Concatenate all weights into one flat tensor, so that an update is a few operations and a checkpoint one buffer. Frees the weights. */
export function flatten(weights: Weights): { parameters: tf.Tensor1D; layout: FlatLayout } {
  const names = Object.keys(weights).sort();
  const layout = {
    names,
    shapes: names.map((name) => weights[name].shape),
    sizes: names.map((name) => weights[name].size),
  };
  const parameters = tf.tidy(() => tf.concat1d(names.map((name) => tf.reshape(weights[name], [-1]) as tf.Tensor1D)));
  tf.dispose(weights);
  if (parameters.size > WORTH_COLLECTING) collectGarbage();
  return { parameters, layout };
}

/** The weights as parts of the flat tensor. Differentiable; the gradient is one flat tensor again. */
export function unflatten(flat: tf.Tensor1D, layout: FlatLayout): Weights {
  const parts = cut(flat, layout.sizes);
  return Object.fromEntries(layout.names.map((name, at) => [name, tf.reshape(parts[at], layout.shapes[at])]));
}

/** Cut a flat tensor into parts of these sizes. Differentiable; tfjs computes a wrong gradient for a split into one part. */
export function cut(flat: tf.Tensor1D, sizes: number[]): tf.Tensor1D[] {
  return sizes.length === 1 ? [flat] : tf.split(flat, sizes);
}

/** A flat tensor that repeats one number for all entries of a weight, such as a learning rate per weight. */
export function flatConstant(layout: FlatLayout, numberOf: (name: string, shape: number[]) => number): tf.Tensor1D {
  const values = new Float32Array(layout.sizes.reduce((sum, size) => sum + size, 0));
  let start = 0;
  layout.names.forEach((name, at) => {
    values.fill(numberOf(name, layout.shapes[at]), start, start + layout.sizes[at]);
    start += layout.sizes[at];
  });
  return tf.tensor1d(values);
}
