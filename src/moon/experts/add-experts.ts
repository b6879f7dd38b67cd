import { denseBlocks } from '../../backbones/qwen25vl/names.js';
import type { Weights } from '../../engine/flat-weights.js';
import type { RandomStream } from '../../engine/random.js';
import { expertsFromDense, type NewLayer } from '../../weights/experts-from-dense.js';
import { expertNames, gateName } from '../weight-names.js';
import { checkExperts, type ExpertsOption, groupNames, namedGroups, ORDINARY, ordinaryCount } from './option.js';

/** The expert layers that an option describes, as `expertsFromDense` makes them: the ordinary experts first, one expert a named group. */
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
 * Weights in which the chosen blocks have experts: each a copy of the block's dense layer, the gate small and random. So a dense
 * model becomes one with experts, be it new or loaded (`loadWeights`). The dense layers' own weights are freed. Returns new tensors
 * for what changed and the old ones for the rest.
 * @throws UserError for a wrong option, and for a block that has no dense layer
 */
export function addExperts(weights: Weights, option: ExpertsOption, stream: RandomStream): Weights {
  checkExperts(option, Math.max(-1, ...denseBlocks(Object.keys(weights))) + 1);
  const out = expertsFromDense(weights, newLayers(option), stream);
  for (const name of Object.keys(weights)) if (!(name in out)) weights[name].dispose();
  return out;
}
