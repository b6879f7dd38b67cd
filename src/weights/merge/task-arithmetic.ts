import type { MergeDeltas } from './merge-tensor.js';
import type { OfKind } from './option.js';
import { weightedSum, weightsOf } from './task-vector.js';

/** A sum of weights below this divides by 1 instead, as in mergekit. */
const NOTHING = 1e-8;

/** The weighted sum of the task vectors. */
export const taskArithmetic: MergeDeltas<OfKind<'task-arithmetic'>> = ({ deltas }, option) => {
  const weights = weightsOf(option, deltas.length);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const divisor = option.normalize && Math.abs(total) >= NOTHING ? total : 1;
  return weightedSum(
    deltas,
    weights.map((weight) => weight / divisor),
  );
};
