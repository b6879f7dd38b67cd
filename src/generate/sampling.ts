import { UserError, wrongOption } from '../checks/error.js';
import type { RandomStream } from '../engine/random.js';

/** How the next token is chosen from its logits. */
export type Sampling =
  /** The token with the highest logit; the smallest id among equals. */
  | { kind: 'greedy' }
  /**
   * Sampled by probability. `temperature` (default 1) divides the logits; below 1, likely tokens become more likely. `topK` keeps that many
   * most likely tokens. `topP` then keeps the fewest whose probabilities add up to at least that (nucleus sampling, arXiv 1904.09751).
   */
  | { kind: 'sample'; temperature?: number; topK?: number; topP?: number };

/** @throws UserError for an option out of range */
export function checkSampling(sampling: Sampling): void {
  if (sampling.kind === 'greedy') return;
  if (sampling.kind !== 'sample')
    throw wrongOption('sampling.kind', (sampling as { kind: unknown }).kind, 'one of greedy | sample');
  const { temperature = 1, topK = 1, topP = 1 } = sampling;
  if (!(temperature > 0))
    throw wrongOption(
      'sampling.temperature',
      temperature,
      'a number above 0',
      "For the most likely token use kind 'greedy'.",
    );
  if (!(Number.isInteger(topK) && topK >= 1)) throw wrongOption('sampling.topK', topK, 'an integer of at least 1');
  if (!(topP > 0 && topP <= 1)) throw wrongOption('sampling.topP', topP, 'a number above 0 and at most 1');
}

/**
 * Choose the id of the next token from `scores`, the logits of the whole vocabulary.
 * @throws UserError for NaN logits
 */
export function chooseToken(scores: Float32Array, sampling: Sampling, stream: RandomStream): number {
  const likeliest = argmax(scores);
  if (sampling.kind === 'greedy') return likeliest;
  const { ids, probabilities } = candidates(scores, sampling);
  let left = stream.uniform() * probabilities.reduce((sum, fraction) => sum + fraction, 0);
  const at = probabilities.findIndex((fraction) => {
    left -= fraction;
    return left < 0;
  });
  return ids[at < 0 ? ids.length - 1 : at];
}

/**
 * Index of the highest logit, the first among equals. A plain loop: a callback per entry takes longer than a small network's forward pass.
 */
function argmax(scores: Float32Array): number {
  let best = 0;
  for (let id = 0; id < scores.length; id++) {
    if (Number.isNaN(scores[id]))
      throw new UserError('generate: the network gives NaN logits. Its weights are damaged or its training diverged.');
    if (scores[id] > scores[best]) best = id;
  }
  return best;
}

/** Tokens that may be sampled, most likely first, with probabilities that are not renormalised after `topP` (their sum may be below 1). */
export function candidates(
  scores: Float32Array,
  { temperature = 1, topK, topP = 1 }: Extract<Sampling, { kind: 'sample' }>,
): { ids: number[]; probabilities: number[] } {
  const order = Array.from(scores, (_, id) => id).sort((a, b) => scores[b] - scores[a] || a - b);
  const ids = order.slice(0, topK);
  const weights = ids.map((id) => Math.exp((scores[id] - scores[ids[0]]) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let reached = 0;
  const probabilities: number[] = [];
  for (const weight of weights) {
    if (reached >= topP) break;
    probabilities.push(weight / total);
    reached += weight / total;
  }
  return { ids: ids.slice(0, probabilities.length), probabilities };
}
