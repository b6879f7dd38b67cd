import { UserError } from '../../checks/error.js';
import type { MoonConfig } from '../../config/config.js';
import { buildModel } from '../../encoder/build-model.js';
import type { Encoder } from '../../encoder/encoder.js';
import { flatten, unflatten, type Weights } from '../../engine/flat-weights.js';
import * as tf from '../../engine/tf.js';
import { expertGroup } from '../../moon/weight-names.js';
import { averageExperts } from '../../weights/average-experts.js';
import { roundWeights } from '../../weights/round-bfloat16.js';
import { type ChangeContext, prunedCopy, pruneMethodNames, pruneOptionOf } from './prune-rows.js';

/** A trained network: its config, and its weights by name. */
export interface Trained {
  config: MoonConfig;
  weights: Weights;
}

/** A change that a row makes to the trained base: a pure function. It must not dispose or modify the given tensors; the study disposes new ones. */
export type WeightChange = (trained: Trained) => Trained;

const changes = new Map<string, WeightChange>([
  [
    'averageExperts',
    ({ config, weights }) => ({ config, weights: averageExperts(weights, (name) => expertGroup(name) !== undefined) }),
  ],
  ['bfloat16', ({ config, weights }) => ({ config, weights: roundWeights(weights) })],
]);

/** Names of all weight changes, but for those that prune. */
export function weightChanges(): string[] {
  return [...changes.keys()];
}

/** Whether a row of this name can change a trained base: one of `weightChanges`, or pruning such as `wanda-50`. */
export const isWeightChange = (name: string): boolean => changes.has(name) || pruneOptionOf(name) !== undefined;

/** The weight change with this name. @throws UserError for an unknown name */
export function weightChange(name: string): WeightChange {
  const found = changes.get(name);
  if (found) return found;
  throw new UserError(
    `weights: got '${name}', expected one of ${weightChanges().join(' | ')}, or a method and a percentage such as wanda-50 (${pruneMethodNames.join(', ')}); register it with addWeightChange, and run the study with on: { kind: 'here' }.`,
  );
}

/** Register a weight change for studies that run in this process. @throws UserError if the name is taken */
export function addWeightChange(name: string, change: WeightChange): void {
  if (changes.has(name)) throw new UserError(`weights: got '${name}', which already exists; choose another name.`);
  changes.set(name, change);
}

/** @throws UserError for a name that changes no weights */
export function requireWeightChange(name: string): void {
  if (!isWeightChange(name)) weightChange(name);
}

/** A copy of a trained network with the change of this name. Dispose its parameters when done. @throws UserError for an unknown name */
export async function changedCopy(name: string, encoder: Encoder, context: ChangeContext): Promise<Encoder> {
  const prune = pruneOptionOf(name);
  return prune ? prunedCopy(encoder, prune, context) : withChangedWeights(encoder, weightChange(name));
}

/** A copy of a trained network with changed weights. Dispose its parameters when done. */
export function withChangedWeights(encoder: Encoder, change: WeightChange): Encoder {
  let { config } = encoder;
  const weights = tf.tidy((): Weights => {
    const changed = change({ config, weights: unflatten(encoder.parameters, encoder.layout) });
    config = changed.config;
    return changed.weights;
  });
  return {
    ...encoder,
    config,
    model: buildModel(config, encoder.tokenizer, encoder.model),
    ...flatten(weights),
  };
}
