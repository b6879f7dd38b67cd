import type { Rank } from '../search/embeddings.js';
import { meanOf, medianOf, type Statistic } from '../statistics/statistic.js';

/** What a metric of one query needs to know; ties are counted as if they were broken at random. */
export type Place = Pick<Rank, 'before' | 'tied'> & Partial<Pick<Rank, 'relevant'>>;

/** Chance that something relevant is among the first k when ties are broken at random. */
export function recallAt({ before, tied, relevant = 1 }: Place, k: number): number {
  const places = Math.min(k - before, tied + relevant);
  let missed = 1;
  for (let place = 0; place < places; place++) missed *= Math.max(0, tied - place) / (tied + relevant - place);
  return 1 - missed;
}

/** Expected 1 / rank of the first relevant item when ties are broken at random. */
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

/** The metrics of a retrieval table, each per query; their means are reported. */
export const retrievalMetrics: Record<string, (rank: Place) => number> = {
  'R@1': (rank) => recallAt(rank, 1),
  'R@5': (rank) => recallAt(rank, 5),
  'R@10': (rank) => recallAt(rank, 10),
  MRR: reciprocalRank,
};

/** The same over queries, and the median rank, as functions of how often each query is drawn. */
export function retrievalStatistics(ranks: readonly Place[]): Record<string, Statistic> {
  const means = Object.entries(retrievalMetrics).map(([name, metric]) => [name, meanOf(ranks.map(metric))] as const);
  return { ...Object.fromEntries(means), 'median rank': medianOf(ranks.map(expectedRank)) };
}

/** What embeddings without information would score among `items` items: recall@k and mean reciprocal rank. */
export function chanceOf(items: number): Record<string, number> {
  const equal: Place = { before: 0, tied: items - 1 };
  return Object.fromEntries(Object.entries(retrievalMetrics).map(([name, metric]) => [name, metric(equal)]));
}
