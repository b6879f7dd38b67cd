import type { RandomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import { isSummaryHead } from './summary-heads.js';
import { startTemperature, TEMPERATURE } from './temperature.js';
import type { TemperatureOption } from './temperature-option.js';

/** Weight name of what each expert prefers: logits [experts, objectives]. */
export const PREFERENCES = 'loss.expert_preferences';

/** Whether a weight belongs to a loss and not to the network: a run that starts from a folder makes its own. */
export const isLossWeight = (name: string) => name === TEMPERATURE || name === PREFERENCES || isSummaryHead(name);

/**
 * The initial weights of a run's losses: the temperature, and small random preferences where objectives are weighed by experts.
 * @param preferences number of experts and of objectives
 */
export function lossWeights(
  temperature: TemperatureOption,
  preferences: readonly [number, number] | undefined,
  stream: RandomStream,
): Record<string, tf.Tensor> {
  const weights: Record<string, tf.Tensor> = { [TEMPERATURE]: tf.tensor1d([startTemperature(temperature)]) };
  if (preferences) {
    const own = stream.child('preferences');
    const values = Float32Array.from({ length: preferences[0] * preferences[1] }, () => 0.02 * own.normal());
    weights[PREFERENCES] = tf.tensor2d(values, [...preferences]);
  }
  return weights;
}
