import { denseBlocks, denseNames } from '../backbones/layers/decoder-names.js';
import { UserError } from '../checks/error.js';
import type { Weights } from '../engine/flat-weights.js';
import type { RandomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';

/** A new group of experts: the names of its weights, and its number of copies of the dense layer. */
export interface NewExperts {
  /** Gate and up as one [count, 2 hidden, width]. */
  gateUp: string;
  /** [count, width, hidden] */
  down: string;
  count: number;
}

/** The expert layer that replaces one block's dense layer. */
export interface NewLayer {
  block: number;
  /** Groups of experts. The gate chooses among those of the first group. */
  groups: readonly [NewExperts, ...NewExperts[]];
  /** Weight name of the gate [count of the first group, width]. */
  gate: string;
}

/** Standard deviation of a new gate's weights: small, so that experts are at first chosen about equally often. */
const GATE_RANGE = 0.02;

/**
 * Convert a dense network to one with experts (sparse upcycling, arXiv 2212.05055). Each expert is a copy of its block's dense layer. Gates
 * are drawn from normal(0, 0.02) with a random stream per block. Returns new tensors for experts and gates and the old ones for the rest,
 * without the replaced dense layers, which the caller still owns.
 * @throws UserError for a block that has no dense layer
 */
export function expertsFromDense(weights: Weights, layers: readonly NewLayer[], stream: RandomStream): Weights {
  const dense = denseBlocks(Object.keys(weights));
  const without = layers.find(({ block }) => !dense.includes(block));
  if (without) throw new UserError(`experts.blocks: block ${without.block} has no dense layer to copy. Leave it out.`);
  const replaced = new Set(layers.flatMap(({ block }) => Object.values(denseNames(block))));
  const kept = Object.entries(weights).filter(([name]) => !replaced.has(name));
  const made = layers.map((layer) => newLayer(weights, layer, stream.child(`${layer.block}`)));
  return Object.assign(Object.fromEntries(kept), ...made);
}

function newLayer(weights: Weights, { block, groups, gate }: NewLayer, stream: RandomStream): Weights {
  const names = denseNames(block);
  const width = weights[names.gate].shape[1]!;
  return tf.tidy(() => {
    const gateUp = tf.concat([weights[names.gate], weights[names.up]], 0);
    const copies = (weight: tf.Tensor, count: number) => tf.tile(tf.expandDims(weight, 0), [count, 1, 1]);
    const out: Weights = {};
    for (const group of groups) {
      out[group.gateUp] = copies(gateUp, group.count);
      out[group.down] = copies(weights[names.down], group.count);
    }
    const [{ count }] = groups;
    out[gate] = tf.tensor2d(
      Float32Array.from({ length: count * width }, () => GATE_RANGE * stream.normal()),
      [count, width],
    );
    return out;
  });
}
