import type { RandomStream } from '../../engine/random.js';
import type { Deltas } from './merge-tensor.js';
import { weightedSum } from './task-vector.js';

/** A random direction as long as the sum of the task vectors: a control, which a merge must beat. */
export function randomDirection({ deltas }: Deltas, weights: readonly number[], stream: RandomStream): Float32Array {
  const sum = weightedSum(deltas, weights);
  const direction = sum.map(() => stream.normal());
  const factor = length(sum) / length(direction);
  return direction.map((value) => value * factor);
}

function length(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}
