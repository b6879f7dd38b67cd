import type { RandomStream } from '../engine/random.js';
import type { Batch } from './batch.js';
import { isWritten } from './captions.js';
import type { Sequence } from './sequence.js';

/** Stands for a token that the network has to fill in. (`[mask]` is another: it stands for words that were withheld from a text.) */
export const NOISE = '<|mask|>';

/** A sequence in which some tokens of the text are hidden. */
export interface NoisedSequence {
  sequence: Sequence;
  /** The probability with which each of them was hidden. */
  t: number;
}

/** The smallest t: as in LLaDA's code (arXiv 2502.09992), so that 1/t stays finite. */
const SMALLEST = 1e-3;

/**
 * Hide every token of a sequence's text, its end token among them, independently with one probability t ~ U(0, 1): the noise of masked diffusion
 * language models (LLaDA, arXiv 2502.09992, equation 3). Pictures and prompts stay.
 * @param noise the id of `NOISE`
 */
export function noised({ id, segments }: Sequence, noise: number, stream: RandomStream): NoisedSequence {
  const t = SMALLEST + (1 - SMALLEST) * stream.uniform();
  const hidden = segments.map((segment) =>
    isWritten(segment.aspect)
      ? { ...segment, ids: segment.ids.map((token) => (stream.uniform() < t ? noise : token)) }
      : segment,
  );
  return { sequence: { id, segments: hidden }, t };
}

/** What a batch of noised sequences is asked for. */
export interface DenoisingTargets {
  /** [rows] the hidden token, or -1 where none is. */
  targets: Int32Array;
  /** [rows] the factor of each row's loss, (1 / t) / N: the bound on -log p(text | pictures) in nats a token of text. N counts all tokens of text. */
  factors: Float32Array;
}

/**
 * The targets of noised sequences.
 * @param originals the sequences without noise
 * @param batch of the noised sequences, in the same order
 */
export function denoisingTargets(
  originals: readonly Sequence[],
  noisedOnes: readonly NoisedSequence[],
  { length, sequences }: Pick<Batch, 'length' | 'sequences'>,
): DenoisingTargets {
  const targets = new Int32Array(sequences * length).fill(-1);
  const factors = new Float32Array(sequences * length);
  let count = 0;
  for (const [at, { segments }] of originals.entries()) {
    const { sequence, t } = noisedOnes[at];
    let row = at * length;
    for (const [place, { aspect, ids }] of segments.entries()) {
      const read = sequence.segments[place].ids;
      if (isWritten(aspect)) count += ids.length;
      for (const [token, id] of ids.entries()) {
        if (read[token] !== id) {
          targets[row] = id;
          factors[row] = 1 / t;
        }
        row++;
      }
    }
  }
  for (let row = 0; row < factors.length; row++) factors[row] /= count;
  return { targets, factors };
}
