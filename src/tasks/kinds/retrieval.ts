import { meanOf, medianOf } from '../../statistics/statistic.js';
import { expectedRank, type Place, recallAt, reciprocalRank } from '../rank-metrics.js';
import type { TaskKind } from './kind.js';
import { rankByWords } from './rank-by-words.js';

/** The metrics of a retrieval table, each per query; their means are reported. */
export const retrievalMetrics: Record<string, (rank: Place) => number> = {
  'R@1': (rank) => recallAt(rank, 1),
  'R@5': (rank) => recallAt(rank, 5),
  'R@10': (rank) => recallAt(rank, 10),
  MRR: reciprocalRank,
};

/** Find what was bought: recall, mean reciprocal rank and the median rank of the best relevant item. */
export const retrieval: TaskKind = {
  name: 'retrieval',
  statistics(ranks) {
    const means = Object.entries(retrievalMetrics).map(([name, metric]) => [name, meanOf(ranks.map(metric))] as const);
    return { ...Object.fromEntries(means), 'median rank': medianOf(ranks.map(expectedRank)) };
  },
  primary: 'MRR',
  perQuery: retrievalMetrics,
  counted: ['median rank'],
  controls: { bm25: rankByWords },
};
