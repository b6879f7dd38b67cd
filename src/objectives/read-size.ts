import type { Sequence } from '../moon/sequence.js';

/** The amount of data that the model reads in a step, without padding. */
export interface ReadSize {
  /** Queries, items, labels and captions. */
  sequences: number;
  tokens: number;
  /** Number of token pairs within sequences: the sum of squared lengths. */
  pairs: number;
  pictures: number;
}

export function readSize(sequences: readonly Sequence[]): ReadSize {
  const size = { sequences: sequences.length, tokens: 0, pairs: 0, pictures: 0 };
  for (const { segments } of sequences) {
    const length = segments.reduce((sum, { ids }) => sum + ids.length, 0);
    size.tokens += length;
    size.pairs += length ** 2;
    size.pictures += segments.filter(({ image }) => image).length;
  }
  return size;
}

/** The total over several batches. */
export function addSizes(sizes: readonly ReadSize[]): ReadSize {
  return sizes.reduce(
    (sum, { sequences, tokens, pairs, pictures }) => ({
      sequences: sum.sequences + sequences,
      tokens: sum.tokens + tokens,
      pairs: sum.pairs + pairs,
      pictures: sum.pictures + pictures,
    }),
    { sequences: 0, tokens: 0, pairs: 0, pictures: 0 },
  );
}
