import { dot } from '../../engine/dot.js';
import type { RandomStream } from '../../engine/random.js';
import type { Deltas } from './merge-tensor.js';
import { weightedSum } from './task-vector.js';

/** A random direction as long as the sum of the task vectors: a control, which a merge must beat. */
export function randomDirection({ deltas }: Deltas, weights: readonly number[], stream: RandomStream): Float32Array {
  const sum = weightedSum(deltas, weights);
  const direction = sum.map(() => stream.normal());
  const factor = Math.sqrt(dot(sum, sum)) / Math.sqrt(dot(direction, direction));
  return direction.map((value) => value * factor);
}
