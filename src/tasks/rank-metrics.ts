import type { Rank } from '../search/embeddings.js';

/** The rank information that a metric of one query needs. Ties are treated as if broken at random. */
export type Place = Pick<Rank, 'before' | 'tied'> & Partial<Pick<Rank, 'relevant'>>;

/** Probability that a relevant item is among the top k, with ties broken at random. */
export function recallAt({ before, tied, relevant = 1 }: Place, k: number): number {
  const places = Math.min(k - before, tied + relevant);
  let missed = 1;
  for (let place = 0; place < places; place++) missed *= Math.max(0, tied - place) / (tied + relevant - place);
  return 1 - missed;
}

/** Expected reciprocal rank of the first relevant item, with ties broken at random. */
export function reciprocalRank({ before, tied, relevant = 1 }: Place): number {
  let sum = 0;
  let missed = 1;
  for (let place = 0; place <= tied; place++) {
    const hit = relevant / (tied + relevant - place);
    sum += (missed * hit) / (before + place + 1);
    missed *= 1 - hit;
  }
  return sum;
}

/** Expected rank of the first relevant item, counted from 1. */
export function expectedRank({ before, tied, relevant = 1 }: Place): number {
  return before + (tied + relevant + 1) / (relevant + 1);
}
