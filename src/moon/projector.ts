import { gelu, linear } from '../backbones/layers/layers.js';
import type { Weights } from '../engine/flat-weights.js';
import type { RandomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';

/** Names of the weight [token width, feature width] and the bias [token width] of a projector. */
export interface ProjectorNames {
  weight: string;
  bias: string;
  /** Of a second map after a GELU. */
  second?: ProjectorNames;
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

/** Features [..., width] -> tokens [rows, tokenWidth], by one map, or by two where the weights have a second. */
export function projectFeatures(names: ProjectorNames, weights: Weights, features: tf.Tensor): tf.Tensor2D {
  const weight = weights[names.weight];
  const rows = tf.reshape(features, [-1, weight.shape[1]!]) as tf.Tensor2D;
  const tokens = linear(rows, weight, weights[names.bias]);
  const { second } = names;
  return second && weights[second.weight] ? linear(gelu(tokens), weights[second.weight], weights[second.bias]) : tokens;
}
