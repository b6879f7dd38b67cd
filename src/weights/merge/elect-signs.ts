import type { ElectionOption } from './option.js';

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
  for (let at = 0; at < merged.length; at++) {
    let vote = 0;
    for (let model = 0; model < deltas.length; model++) vote += votes[model] * deltas[model][at];
    const sign = vote > 0 ? 1 : vote < 0 ? -1 : tied;
    let [sum, agreeing, count] = [0, 0, 0];
    for (let model = 0; model < deltas.length; model++) {
      const value = deltas[model][at];
      if (votes[model] * value * sign <= 0) continue;
      sum += weights[model] * value;
      agreeing += weights[model];
      count++;
    }
    const divisor = divide === 'weights' ? agreeing : divide === 'count' ? count : 1;
    merged[at] = sum / (divisor || 1);
  }
  return merged;
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
