import { UserError } from '../../checks/error.js';
import type { MoonConfig } from '../../config/config.js';
import { buildModel } from '../../encoder/build-model.js';
import type { Encoder } from '../../encoder/encoder.js';
import { flatten, unflatten, type Weights } from '../../engine/flat-weights.js';
import * as tf from '../../engine/tf.js';
import { expertGroup } from '../../moon/weight-names.js';
import { averageExperts } from '../../weights/average-experts.js';
import { roundWeights } from '../../weights/round-bfloat16.js';

/** A trained network: how it is built, and its weights by name. */
export interface Trained {
  config: MoonConfig;
  weights: Weights;
}

/** What a row does to the trained base: a pure function, whose new tensors the study frees; those that it was given stay as they are. */
export type WeightChange = (trained: Trained) => Trained;

const changes = new Map<string, WeightChange>([
  [
    'averageExperts',
    ({ config, weights }) => ({ config, weights: averageExperts(weights, (name) => expertGroup(name) !== undefined) }),
  ],
  ['bfloat16', ({ config, weights }) => ({ config, weights: roundWeights(weights) })],
]);

/** Names of the changes of weights that there are. */
export function weightChanges(): string[] {
  return [...changes.keys()];
}

/** @throws UserError for a name that none has */
export function weightChange(name: string): WeightChange {
  const found = changes.get(name);
  if (found) return found;
  throw new UserError(
    `weights: got '${name}', expected one of ${weightChanges().join(' | ')}; make it known with addWeightChange, and run the study with on: { kind: 'here' }.`,
  );
}

/** Make a change of weights known to the studies of this process. @throws UserError for a name that is taken */
export function addWeightChange(name: string, change: WeightChange): void {
  if (changes.has(name)) throw new UserError(`weights: got '${name}', which there is already; choose another name.`);
  changes.set(name, change);
}

/** A trained network with its weights changed; the one that was given stays as it is. Dispose its parameters when done. */
export function withChangedWeights(encoder: Encoder, change: WeightChange): Encoder {
  let { config } = encoder;
  const weights = tf.tidy((): Weights => {
    const changed = change({ config, weights: unflatten(encoder.parameters, encoder.layout) });
    config = changed.config;
    return changed.weights;
  });
  return { ...encoder, config, model: buildModel(config, encoder.tokenizer), ...flatten(weights) };
}
