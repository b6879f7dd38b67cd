import type { Sequence } from '../moon/sequence.js';

/** What a network reads in a step, padding left out. */
export interface ReadSize {
  tokens: number;
  /** Pairs of tokens of one sequence: the sum of squared lengths. */
  pairs: number;
  pictures: number;
}

export function readSize(sequences: readonly Sequence[]): ReadSize {
  const size = { tokens: 0, pairs: 0, pictures: 0 };
  for (const { segments } of sequences) {
    const length = segments.reduce((sum, { ids }) => sum + ids.length, 0);
    size.tokens += length;
    size.pairs += length ** 2;
    size.pictures += segments.filter(({ image }) => image).length;
  }
  return size;
}

/** Of several batches together. */
export function addSizes(sizes: readonly ReadSize[]): ReadSize {
  return sizes.reduce(
    (sum, { tokens, pairs, pictures }) => ({
      tokens: sum.tokens + tokens,
      pairs: sum.pairs + pairs,
      pictures: sum.pictures + pictures,
    }),
    { tokens: 0, pairs: 0, pictures: 0 },
  );
}
