import type { MergeDeltas } from './merge-tensor.js';
import type { OfKind } from './option.js';
import { matricesOf, product, singular, valuesOf } from './spectral.js';
import { weightedSum, weightsOf } from './task-vector.js';

/** The sum of the task vectors with each singular value replaced by their mean. */
export const iso: MergeDeltas<OfKind<'iso'>> = ({ shape, deltas }, option) => {
  const [sum] = matricesOf({ shape, deltas: [weightedSum(deltas, weightsOf(option, deltas.length))] });
  const { U, s, V } = singular(sum);
  const mean = s.reduce((total, value) => total + value, 0) / s.length;
  return valuesOf(product({ U, s: s.map(() => mean), V }));
};
