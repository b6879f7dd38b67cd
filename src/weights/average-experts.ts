import type { Weights } from '../engine/flat-weights.js';
import * as tf from '../engine/tf.js';

/**
 * Replace every expert by the mean of its group. This removes what experts learned separately and keeps what they have in common. Returns
 * new tensors for the experts and the old ones for the rest.
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
