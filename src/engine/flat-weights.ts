import * as tf from './tf.js';

/** Weights by their canonical Hugging Face names (`visual.*`, `model.*`, `lm_head.weight`), in the orientation [out, in]. */
export type Weights = Record<string, tf.Tensor>;

/** Where each weight stands in the flat tensor. */
export interface FlatLayout {
  names: string[];
  shapes: number[][];
  sizes: number[];
}

/** All weights in one flat tensor, so that the update is a few operations and a checkpoint one buffer. Frees the weights. */
export function flatten(weights: Weights): { parameters: tf.Tensor1D; layout: FlatLayout } {
  const names = Object.keys(weights).sort();
  const layout = {
    names,
    shapes: names.map((name) => weights[name].shape),
    sizes: names.map((name) => weights[name].size),
  };
  const parameters = tf.tidy(() => tf.concat1d(names.map((name) => tf.reshape(weights[name], [-1]) as tf.Tensor1D)));
  tf.dispose(weights);
  return { parameters, layout };
}

/** The weights as views of the flat tensor: differentiable, the gradient is one concatenation. */
export function unflatten(flat: tf.Tensor1D, layout: FlatLayout): Weights {
  const parts = tf.split(flat, layout.sizes, 0);
  return Object.fromEntries(layout.names.map((name, at) => [name, tf.reshape(parts[at], layout.shapes[at])]));
}

/** A flat tensor with one number for every weight, the same over all of its entries: such as a learning rate of its own. */
export function flatConstant(layout: FlatLayout, numberOf: (name: string, shape: number[]) => number): tf.Tensor1D {
  const values = new Float32Array(layout.sizes.reduce((sum, size) => sum + size, 0));
  let start = 0;
  layout.names.forEach((name, at) => {
    values.fill(numberOf(name, layout.shapes[at]), start, start + layout.sizes[at]);
    start += layout.sizes[at];
  });
  return tf.tensor1d(values);
}
