import { linear } from '../backbones/layers/layers.js';
import type { Weights } from '../engine/flat-weights.js';
import type { RandomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';

/** Names of the weight [token width, feature width] and the bias [token width] of a projector. */
export interface ProjectorNames {
  weight: string;
  bias: string;
}

/** Initialise the projector from features of `width` to tokens of `tokenWidth`: normal(0, range), like the network's own weights. */
export function initProjector(
  names: ProjectorNames,
  width: number,
  tokenWidth: number,
  range: number,
  stream: RandomStream,
): Weights {
  const values = Float32Array.from({ length: tokenWidth * width }, () => range * stream.normal());
  return {
    [names.weight]: tf.tensor2d(values, [tokenWidth, width]),
    [names.bias]: tf.zeros([tokenWidth]),
  };
}

/** Features [..., width] -> tokens [rows, tokenWidth]. */
export function projectFeatures(names: ProjectorNames, weights: Weights, features: tf.Tensor): tf.Tensor2D {
  const weight = weights[names.weight];
  const rows = tf.reshape(features, [-1, weight.shape[1]!]) as tf.Tensor2D;
  return linear(rows, weight, weights[names.bias]);
}
