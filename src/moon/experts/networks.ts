import { linear, swiglu } from '../../backbones/layers/layers.js';
import type { Weights } from '../../engine/flat-weights.js';
import { blockProducts, gatherRows } from '../../engine/native-ops.js';
import * as tf from '../../engine/tf.js';
import type { ExpertNames } from '../weight-names.js';
import { oneHot } from './one-hot.js';

/** Apply the only expert of a named group to tokens [tokens, width]. */
export function oneExpert(x: tf.Tensor2D, names: ExpertNames, weights: Weights): tf.Tensor2D {
  const [gate, up, down] = expertWeights(names, weights).map((weight) => tf.squeeze(weight, [0]) as tf.Tensor2D);
  return linear(swiglu(linear(x, gate), linear(x, up)), down);
}

/** Apply to each block of slots [slots, width] its expert [blocks]. */
export function routedExperts(
  x: tf.Tensor2D,
  expertOf: tf.Tensor1D,
  names: ExpertNames,
  weights: Weights,
): tf.Tensor2D {
  const blocks = tf.reshape(x, [expertOf.size, -1, x.shape[1]]) as tf.Tensor3D;
  const [gate, up, down] = expertWeights(names, weights).map((weight) => ofBlocks(weight, expertOf));
  const hidden = swiglu(blockProducts(blocks, gate), blockProducts(blocks, up));
  return tf.reshape(blockProducts(hidden, down), x.shape);
}

/**
 * Gate and up [experts, hidden, width], down [experts, width, hidden]. Splitting the weights is cheaper than splitting the larger hidden
 * activations.
 */
function expertWeights({ gateUp, down }: ExpertNames, weights: Weights): tf.Tensor3D[] {
  const [gate, up] = tf.split(weights[gateUp], 2, 1) as tf.Tensor3D[];
  return [gate, up, weights[down] as tf.Tensor3D];
}

/**
 * Gather the weight [experts, out, in] of every block's expert: [blocks, out, in]. The gradient is a product with the one-hot choices,
 * which runs on all cores. A sum by index does not, and would take longer than the expert's own products.
 */
function ofBlocks(weight: tf.Tensor3D, expertOf: tf.Tensor1D): tf.Tensor3D {
  const [experts, ...shape] = weight.shape;
  const take = tf.customGrad((all, save) => {
    const flat = tf.reshape(all as tf.Tensor, [experts, -1]) as tf.Tensor2D;
    (save as tf.GradSaveFunc)([expertOf]);
    return {
      value: tf.reshape(gatherRows(flat, expertOf), [expertOf.size, ...shape]),
      gradFunc: (dy, [of]) => {
        const chosen = tf.cast(oneHot(of, experts), 'float32') as tf.Tensor2D;
        const summed = tf.matMul(chosen, tf.reshape(dy, [of.size, -1]) as tf.Tensor2D, true);
        return tf.reshape(summed, weight.shape);
      },
    };
  });
  return take(weight) as tf.Tensor3D;
}
