import { meanOf, medianOf } from '../../statistics/statistic.js';
import { expectedRank, type Place, recallAt, reciprocalRank } from '../rank-metrics.js';
import type { TaskKind } from './kind.js';
import { rankByText } from './rank-by-words.js';

/** The metrics of retrieval tasks, per query. Tables report their means. */
export const retrievalMetrics: Record<string, (rank: Place) => number> = {
  'R@1': (rank) => recallAt(rank, 1),
  'R@5': (rank) => recallAt(rank, 5),
  'R@10': (rank) => recallAt(rank, 10),
  MRR: reciprocalRank,
};

/** Retrieval of the bought product: recall@k, mean reciprocal rank, and median rank of the best relevant item. */
export const retrieval: TaskKind = {
  name: 'retrieval',
  statistics(ranks) {
    const means = Object.entries(retrievalMetrics).map(([name, metric]) => [name, meanOf(ranks.map(metric))] as const);
    return { ...Object.fromEntries(means), 'median rank': medianOf(ranks.map(expectedRank)) };
  },
  primary: 'MRR',
  perQuery: retrievalMetrics,
  counted: ['median rank'],
  controls: { bm25: rankByText },
};
