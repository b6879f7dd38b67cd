import { meanOf } from '../../statistics/statistic.js';
import { recallAt, reciprocalRank } from '../rank-metrics.js';
import { rankByMajority } from './classification.js';
import type { Answered, TaskKind } from './kind.js';

const metrics: Record<string, (answer: Answered) => number> = {
  accuracy: (answer) => recallAt(answer, 1),
  MRR: reciprocalRank,
};

/** A question with a few texts to choose from: the one that the network is most likely to write counts as its answer. */
export const choice: TaskKind = {
  name: 'choice',
  statistics: (answers) =>
    Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, meanOf(answers.map(metric))])),
  primary: 'accuracy',
  perQuery: metrics,
  rankedBy: 'likelihood',
  controls: { majority: rankByMajority },
};
