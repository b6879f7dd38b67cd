import type { Weights } from '../engine/flat-weights.js';
import * as tf from '../engine/tf.js';

/**
 * Every expert replaced by the mean of its group: what experts have learned apart is gone, what they have in common stays. New tensors
 * for the experts, the old ones for the rest.
 * @param isExperts whether a weight holds the experts of a group, [experts, ...]
 */
export function averageExperts(weights: Weights, isExperts: (name: string) => boolean): Weights {
  const averaged = Object.entries(weights).map(([name, weight]): [string, tf.Tensor] => {
    if (!isExperts(name)) return [name, weight];
    const [count, ...rest] = weight.shape;
    return [name, tf.tidy(() => tf.tile(tf.mean(weight, 0, true), [count, ...rest.map(() => 1)]))];
  });
  return Object.fromEntries(averaged);
}
