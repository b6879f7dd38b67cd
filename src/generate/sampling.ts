import { UserError, wrongOption } from '../checks/error.js';
import type { RandomStream } from '../engine/random.js';

/** How the next token is chosen from its scores. */
export type Sampling =
  /** The highest score; among equal ones the smallest id. */
  | { kind: 'greedy' }
  /**
   * Drawn by probability. `temperature` (1) divides the scores: below 1 likely tokens become likelier. `topK` keeps only
   * so many of the likeliest tokens; `topP` then only the fewest whose probabilities reach that sum (nucleus sampling,
   * arXiv 1904.09751).
   */
  | { kind: 'sample'; temperature?: number; topK?: number; topP?: number };

/** @throws UserError for an option out of its range */
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
      "For the likeliest, take kind 'greedy'.",
    );
  if (!(Number.isInteger(topK) && topK >= 1)) throw wrongOption('sampling.topK', topK, 'an integer of at least 1');
  if (!(topP > 0 && topP <= 1)) throw wrongOption('sampling.topP', topP, 'a number above 0 and at most 1');
}

/** The id of the next token from the `scores` (logits) of the whole vocabulary. */
export function chooseToken(scores: Float32Array, sampling: Sampling, stream: RandomStream): number {
  const likeliest = highest(scores);
  if (sampling.kind === 'greedy') return likeliest;
  const { ids, probabilities } = candidates(scores, sampling);
  let left = stream.uniform() * probabilities.reduce((sum, fraction) => sum + fraction, 0);
  const at = probabilities.findIndex((fraction) => {
    left -= fraction;
    return left < 0;
  });
  return ids[at < 0 ? ids.length - 1 : at];
}

/** The first id of the highest score. A plain loop: with a callback for each of a hundred thousand scores it takes longer than a small network. */
function highest(scores: Float32Array): number {
  let best = 0;
  for (let id = 0; id < scores.length; id++) {
    if (Number.isNaN(scores[id]))
      throw new UserError('generate: the network gives NaN scores. Its weights are damaged or its training diverged.');
    if (scores[id] > scores[best]) best = id;
  }
  return best;
}

/** The tokens that may be drawn, likeliest first, and their probabilities before the cuts (their sum may be below 1). */
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
