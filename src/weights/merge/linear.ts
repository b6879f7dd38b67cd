import { wrongOption } from '../../checks/error.js';
import type { OfKind } from './option.js';
import { weightedSum, weightsOf } from './task-vector.js';

/** The weighted sum or average of the models themselves; the base does not enter. */
export const mergeLinear = (models: readonly Float32Array[], option: OfKind<'linear'>): Float32Array =>
  weightedSum(models, linearWeights(option, models.length));

/** The factor of each model: its weight, by the sum of the weights where it is normalised. @throws UserError for a sum of 0 */
export function linearWeights(option: OfKind<'linear'>, models: number): number[] {
  const weights = weightsOf(option, models);
  const sum = option.normalize ? weights.reduce((total, weight) => total + weight, 0) : 1;
  if (sum === 0) throw wrongOption('weights', weights, 'a sum other than 0, which they are divided by');
  return weights.map((weight) => weight / sum);
}
