import { wrongOption } from '../../checks/error.js';
import { valuesOfHalves, widen } from '../../store/half.js';
import type { TensorParts } from '../../store/safetensors.js';
import type { OfKind } from './option.js';
import { weightedSum, weightsOf } from './task-vector.js';

/** The weighted sum or average of the models themselves; the base does not enter. */
export const mergeLinear = (models: readonly Float32Array[], option: OfKind<'linear'>): Float32Array =>
  weightedSum(models, linearWeights(option, models.length));

/** Numbers that are merged together: what is read of them stays in the processor's cache. */
const PART = 1 << 16;

/**
 * The same for models that are read a part at a time.
 * @param open starts to read a model's tensor in parts of at most `most` numbers
 * @param give takes the parts of the result in order; each is overwritten by the next one
 */
export function linearParts(
  size: number,
  open: readonly ((most: number) => TensorParts)[],
  option: OfKind<'linear'>,
  give: (part: Float32Array) => void,
): void {
  const weights = linearWeights(option, open.length);
  const largest = Math.min(PART, size);
  const sum = new Float32Array(largest);
  const models = open.map((parts) => parts(largest));
  try {
    const add = sumOf(models, weights, largest);
    for (let from = 0; from < size; from += PART) {
      const count = Math.min(PART, size - from);
      const read = models.map((model) => model.read(from, count));
      give(add(read, sum.subarray(0, count)));
    }
  } finally {
    for (const model of models) model.close();
  }
}

type Sum = (read: readonly (Float32Array | Uint16Array)[], into: Float32Array) => Float32Array;

function sumOf(models: readonly TensorParts[], weights: readonly number[], largest: number): Sum {
  const [{ dtype }] = models;
  if (models.length === 2 && dtype !== 'F32' && models[1].dtype === dtype) {
    const values = valuesOfHalves(dtype);
    return ([a, b], into) => sumOfTwoHalves(values, a as Uint16Array, weights[0], b as Uint16Array, weights[1], into);
  }
  const wide = models.map(() => new Float32Array(largest));
  const widened = (numbers: Float32Array | Uint16Array, model: number) => {
    const { dtype } = models[model];
    if (dtype === 'F32') return numbers as Float32Array;
    widen(numbers as Uint16Array, dtype, wide[model]);
    return wide[model];
  };
  return (read, into) => weightedSum(read.map(widened), weights, into);
}

/** The usual case, in one pass: a lookup takes the place of a conversion. @param values of all numbers of half precision */
function sumOfTwoHalves(
  values: Float32Array,
  a: Uint16Array,
  ofA: number,
  b: Uint16Array,
  ofB: number,
  into: Float32Array,
): Float32Array {
  for (let at = 0; at < into.length; at++) into[at] = ofA * values[a[at]] + ofB * values[b[at]];
  return into;
}

/** The factor of each model: its weight, by the sum of the weights where it is normalised. @throws UserError for a sum of 0 */
export function linearWeights(option: OfKind<'linear'>, models: number): number[] {
  const weights = weightsOf(option, models);
  const sum = option.normalize ? weights.reduce((total, weight) => total + weight, 0) : 1;
  if (sum === 0) throw wrongOption('weights', weights, 'a sum other than 0, which they are divided by');
  return weights.map((weight) => weight / sum);
}
