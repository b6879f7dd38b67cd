/** Names of the weights that MOON adds to the published network, and the part of the network that each weight belongs to. */

import { loraModule } from '../backbones/layers/adapted-linear.js';
import { HEAD, languageBlock, TOKENS } from '../backbones/layers/decoder-names.js';
import { isMerger, isVision } from '../backbones/layers/vision-names.js';
import { PREFERENCES } from '../losses/loss-weights.js';
import { TEMPERATURE } from '../losses/temperature.js';
import type { Part } from './part-option.js';

/** Projector from features of a frozen encoder to tokens; the second map where there are two. */
export const projectorNames = {
  weight: 'vision.projector.weight',
  bias: 'vision.projector.bias',
  second: { weight: 'vision.projector.second.weight', bias: 'vision.projector.second.bias' },
} as const;

/** Projector from token states of a frozen sentence encoder to tokens. */
export const textProjectorNames = { weight: 'text.projector.weight', bias: 'text.projector.bias' } as const;

/** Late fusion: the map of the pictures' vector, and the gate [width, 2 width]. */
export const fusionNames = {
  weight: 'fusion.visual.weight',
  bias: 'fusion.visual.bias',
  gate: 'fusion.gate.weight',
} as const;

const mapNames = (name: string) => ({ weight: `prompt_gate.${name}.weight`, bias: `prompt_gate.${name}.bias` });

/** The gate by which texts of prompts look at pictures. */
export const promptGateNames = {
  query: mapNames('query'),
  key: mapNames('key'),
  value: mapNames('value'),
  forget: mapNames('forget'),
  output: mapNames('output'),
} as const;

/**
 * Weights that lead from what pictures and texts are to what the embedding is made of: of the projectors of frozen encoders, of late fusion and of the
 * prompt's gate.
 */
export const projectorWeights: readonly string[] = [
  ...[
    projectorNames,
    projectorNames.second,
    textProjectorNames,
    fusionNames,
    ...Object.values(promptGateNames),
  ].flatMap(({ weight, bias }) => [weight, bias]),
  fusionNames.gate,
];

/** Weight names of one group of experts: gate and up as one [experts, 2 hidden, width], down [experts, width, hidden]. */
export interface ExpertNames {
  gateUp: string;
  down: string;
}

export function expertNames(block: number, group: string): ExpertNames {
  const prefix = `${languageBlock(block)}mlp.${group}.`;
  return { gateUp: `${prefix}gate_up_proj`, down: `${prefix}down_proj` };
}

/** Name of a block's learned gate [ordinary experts, width]. */
export const gateName = (block: number) => `${languageBlock(block)}mlp.gate.weight`;

/** Expert group of a weight, `ORDINARY` or a named one; undefined for any other weight. */
export function expertGroup(name: string): string | undefined {
  return /^model\.layers\.\d+\.mlp\.([^.]+)\.(?:gate_up|down)_proj$/.exec(name)?.[1];
}

const isGate = (name: string) => /^model\.layers\.\d+\.mlp\.gate\.weight$/.test(name);

/**
 * The part that a weight belongs to, by name. Whatever maps vision features to language tokens is the projector: the merger, or the
 * projector of a frozen encoder. An adapter belongs to the part that it adapts.
 */
export function partOf(weight: string): Part {
  const name = loraModule(weight)?.module ?? weight;
  if (name === TEMPERATURE) return 'temperature';
  if (isMerger(name) || projectorWeights.includes(name)) return 'projector';
  if (isVision(name)) return 'vision';
  if (name === TOKENS || name === HEAD) return 'tokens';
  if (isGate(name) || name === PREFERENCES) return 'router';
  return expertGroup(name) === undefined ? 'language' : 'experts';
}
