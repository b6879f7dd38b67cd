/** Linear layers by name, with or without a low-rank adapter beside their weight (LoRA, arXiv 2106.09685). */

import type { Weights } from '../../engine/flat-weights.js';
import { isPacked, unpackHalf } from '../../engine/half.js';
import { waitFor } from '../../engine/native-ops.js';
import * as tf from '../../engine/tf.js';
import { linear } from './layers.js';

/** Names of an adapter's two matrices: x becomes x W' + (x down') up'. @param adapter name of one among several, as PEFT writes it */
export function loraNames(module: string, adapter?: string): { down: string; up: string } {
  const name = adapter === undefined ? '' : `.${adapter}`;
  return { down: `${module}.lora_A${name}.weight`, up: `${module}.lora_B${name}.weight` };
}

/** Which tokens use which named adapter: its name -> [rows, 1], 1 for a token that uses it, otherwise 0. */
export type TokenAdapters = Readonly<Record<string, tf.Tensor2D>>;

/** The projection that an adapter's matrix belongs to, and which of the two it is; undefined for any other name. */
export function loraModule(name: string): { module: string; part: 'down' | 'up' } | undefined {
  const [, module, letter] = /^(.+)\.lora_([AB])\.weight$/.exec(name) ?? [];
  return module === undefined ? undefined : { module, part: letter === 'A' ? 'down' : 'up' };
}

/** Whether the forward pass reads this projection by `adaptedLinear`, so that its adapter need not be merged into its weight. */
export function readsAdapter(module: string): boolean {
  return /^(model\.layers\.\d+\.(self_attn|mlp)\.[a-z]+_proj|visual\.(blocks|encoder\.layers)\.\d+\..+)$/.test(module);
}

/**
 * Apply the linear layer `module`, its `.weight` [out, in], which may be packed, and perhaps `.bias` [out], to `x` [rows, in]. An adapter
 * among the weights is added with factor 1: `down` [rank, in], `up` [out, rank]; named ones to their own tokens.
 */
export function adaptedLinear(
  weights: Weights,
  module: string,
  x: tf.Tensor2D,
  adapters: TokenAdapters = {},
): tf.Tensor2D {
  const given = weights[`${module}.weight`];
  // Unpacked when its layer comes: a graph would begin with all weights, and hold them.
  const weight = isPacked(given) ? unpackHalf(waitFor(given as tf.Tensor2D, x)) : given;
  const plain = linear(x, weight, weights[`${module}.bias`]);
  const { down, up } = loraNames(module);
  const adapted = weights[down] ? tf.add(plain, linear(linear(x, weights[down]), weights[up])) : plain;
  return Object.entries(adapters).reduce((sum, [name, tokens]) => {
    const own = loraNames(module, name);
    return weights[own.down] ? tf.add(sum, linear(tf.mul(linear(x, weights[own.down]), tokens), weights[own.up])) : sum;
  }, adapted) as tf.Tensor2D;
}
