import { denseBlocks } from '../../backbones/layers/decoder-names.js';
import type { Weights } from '../../engine/flat-weights.js';
import type { RandomStream } from '../../engine/random.js';
import { expertsFromDense, type NewLayer } from '../../weights/experts-from-dense.js';
import { expertNames, gateName } from '../weight-names.js';
import { checkExperts, type ExpertsOption, groupNames, namedGroups, ORDINARY, ordinaryCount } from './option.js';

/** The expert layers of an option, as input of `expertsFromDense`: the ordinary experts first, then one expert for each named group. */
export function newLayers(option: ExpertsOption): NewLayer[] {
  if (option.kind === 'none') return [];
  const named = groupNames(namedGroups(option));
  return option.blocks.map((block) => ({
    block,
    groups: [
      { ...expertNames(block, ORDINARY), count: ordinaryCount(option) },
      ...named.map((group) => ({ ...expertNames(block, group), count: 1 })),
    ],
    gate: gateName(block),
  }));
}

/**
 * Convert a dense model, new or loaded (`loadWeights`), to one with experts. In the chosen blocks every expert starts as a copy of the
 * dense layer, and the gate is small and random. Returns new tensors for experts and gates and the old tensors for the rest. Frees the
 * weights of the replaced dense layers.
 * @throws UserError for a wrong option, or a block that has no dense layer
 */
export function addExperts(weights: Weights, option: ExpertsOption, stream: RandomStream): Weights {
  checkExperts(option, Math.max(-1, ...denseBlocks(Object.keys(weights))) + 1);
  const out = expertsFromDense(weights, newLayers(option), stream);
  for (const name of Object.keys(weights)) if (!(name in out)) weights[name].dispose();
  return out;
}
