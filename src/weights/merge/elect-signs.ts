import type { ElectionOption } from './option.js';
import { addPart, part } from './task-vector.js';

/**
 * Sum up, at each entry, the weighted task vectors that have the elected sign.
 * @param weights of the models
 */
export function sumOfElected(
  deltas: readonly Float32Array[],
  weights: readonly number[],
  { signs, tie, divide }: Required<ElectionOption>,
): Float32Array {
  const votes = signs === 'weighted' ? weights : weights.map(() => 1);
  const tied = tie === 'positive' ? 1 : majoritySign(deltas, votes);
  const merged = new Float32Array(deltas[0].length);
  const [sign, sums, divisors] = [0, 0, 0].map(() => new Float64Array(part));
  for (let start = 0; start < merged.length; start += part) {
    const count = Math.min(part, merged.length - start);
    electSigns(sign, deltas, votes, tied, start, count);
    sums.fill(0);
    divisors.fill(0);
    for (let model = 0; model < deltas.length; model++) {
      const counted = divide === 'weights' ? weights[model] : Number(divide === 'count');
      const own = { vector: deltas[model], vote: votes[model], weight: weights[model], counted };
      addAgreeing(own, sign, sums, divisors, start, count);
    }
    for (let at = 0; at < count; at++) merged[start + at] = sums[at] / (divisors[at] || 1);
  }
  return merged;
}

/** 1 or -1 by the sum of the votes; `tied` where it is zero. */
function electSigns(
  sign: Float64Array,
  deltas: readonly Float32Array[],
  votes: readonly number[],
  tied: number,
  start: number,
  count: number,
): void {
  sign.fill(0);
  for (let model = 0; model < deltas.length; model++) addPart(sign, deltas[model], votes[model], start, count);
  for (let at = 0; at < count; at++) sign[at] = Math.sign(sign[at]) || tied;
}

/** @param own a model's task vector, its vote, its weight, and what it adds to the divisor where it agrees */
function addAgreeing(
  { vector, vote, weight, counted }: { vector: Float32Array; vote: number; weight: number; counted: number },
  sign: Float64Array,
  sums: Float64Array,
  divisors: Float64Array,
  start: number,
  count: number,
): void {
  for (let at = 0; at < count; at++) {
    const value = vector[start + at];
    // A product is faster than a branch that no processor can foresee.
    const agrees = Number(vote * value * sign[at] > 0);
    sums[at] += weight * value * agrees;
    divisors[at] += counted * agrees;
  }
}

/** The sign that most sums of a tensor have; positive if as many have each. */
function majoritySign(deltas: readonly Float32Array[], votes: readonly number[]): number {
  let balance = 0;
  for (let at = 0; at < deltas[0].length; at++) {
    let vote = 0;
    for (let model = 0; model < deltas.length; model++) vote += votes[model] * deltas[model][at];
    balance += Math.sign(vote);
  }
  return balance < 0 ? -1 : 1;
}
