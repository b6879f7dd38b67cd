import type { Weights } from '../../engine/flat-weights.js';
import type * as tf from '../../engine/tf.js';
import { adaptedLinear } from './adapted-linear.js';
import { layerNorm } from './layers.js';

/** The layers of a block by the ends of their names: linear ones and layer norms, both with `.weight` and `.bias`. */
export function namedLayers(weights: Weights, prefix: string, normEpsilon: number) {
  const weight = (name: string) => weights[`${prefix}${name}`];
  return {
    layer: (name: string, x: tf.Tensor2D) => adaptedLinear(weights, `${prefix}${name}`, x),
    norm: (name: string, x: tf.Tensor2D) => layerNorm(x, weight(`${name}.weight`), weight(`${name}.bias`), normEpsilon),
  };
}
