import { linear } from '../backbones/layers/layers.js';
import type { Weights } from '../engine/flat-weights.js';
import type { RandomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import type { FrozenVisionOption } from '../pictures/vision-option.js';
import { projectorNames } from './weight-names.js';

/** Initialise the projector from features of `width` to tokens of `tokenWidth`: normal(0, range), like the network's own weights. */
export function initProjector(
  { width }: Required<FrozenVisionOption>,
  tokenWidth: number,
  range: number,
  stream: RandomStream,
): Weights {
  const values = Float32Array.from({ length: tokenWidth * width }, () => range * stream.normal());
  return {
    [projectorNames.weight]: tf.tensor2d(values, [tokenWidth, width]),
    [projectorNames.bias]: tf.zeros([tokenWidth]),
  };
}

/** Features [pictures, tokens, width] -> visual tokens [pictures * tokens, tokenWidth]. */
export function projectFeatures(weights: Weights, features: tf.Tensor): tf.Tensor2D {
  const weight = weights[projectorNames.weight];
  const rows = tf.reshape(features, [-1, weight.shape[1]!]) as tf.Tensor2D;
  return linear(rows, weight, weights[projectorNames.bias]);
}
