import { wrongOption } from '../../checks/error.js';
import type { OfKind } from './option.js';
import { weightedSum, weightsOf } from './task-vector.js';

/** The weighted sum or average of the models themselves; the base does not enter. */
export const mergeLinear = (models: readonly Float32Array[], option: OfKind<'linear'>): Float32Array =>
  weightedSum(models, linearWeights(option, models.length));

/** Numbers that are merged together: what is read of them stays in the processor's cache. */
const PART = 1 << 16;

/**
 * The same for models that are read a part at a time.
 * @param read fills a part with the numbers of a model, from the one at `from` on
 * @returns parts of the result in order; each is overwritten by the next one
 */
export function* linearParts(
  size: number,
  readers: readonly ((from: number, into: Float32Array) => void)[],
  option: OfKind<'linear'>,
): Generator<Float32Array> {
  const weights = linearWeights(option, readers.length);
  const parts = readers.map(() => new Float32Array(Math.min(PART, size)));
  const sum = new Float32Array(Math.min(PART, size));
  for (let from = 0; from < size; from += PART) {
    const count = Math.min(PART, size - from);
    const read = parts.map((part, model) => {
      const own = part.subarray(0, count);
      readers[model](from, own);
      return own;
    });
    yield weightedSum(read, weights, sum.subarray(0, count));
  }
}

/** The factor of each model: its weight, by the sum of the weights where it is normalised. @throws UserError for a sum of 0 */
export function linearWeights(option: OfKind<'linear'>, models: number): number[] {
  const weights = weightsOf(option, models);
  const sum = option.normalize ? weights.reduce((total, weight) => total + weight, 0) : 1;
  if (sum === 0) throw wrongOption('weights', weights, 'a sum other than 0, which they are divided by');
  return weights.map((weight) => weight / sum);
}
