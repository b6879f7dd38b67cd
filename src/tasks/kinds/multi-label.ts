import { UserError } from '../../checks/error.js';
import { meanOf } from '../../statistics/statistic.js';
import type { Answered, TaskKind } from './kind.js';

/** Number of items that count. */
export const LABELS_AT = 10;

/** Names of the metrics by those of `MultiLabelScores`. */
export const labelMetrics = { recall: 'AR@10', APk: 'AP@10', precision: 'P@10', AP: 'AP of hits@10' } as const;

const perQuery = Object.fromEntries(
  Object.values(labelMetrics).map((name) => [name, (answer: Answered) => scoreOf(answer, name)]),
);

function scoreOf({ values }: Answered, name: string): number {
  if (values?.[name] === undefined)
    throw new UserError(`multi-label: an answer lacks its ${name}. Score answers of this kind with scoreLabels.`);
  return values[name];
}

/**
 * Retrieval for a query that shows several products, as Product1M measures it (arXiv 2107.14572, see `multiLabelScores`), at ten items: the mean over
 * its labels of the fraction found; average precision over min(k, relevant) and, as in their code, over the hits alone; precision.
 */
export const multiLabel: TaskKind = {
  name: 'multi-label',
  statistics: (answers) =>
    Object.fromEntries(Object.entries(perQuery).map(([name, metric]) => [name, meanOf(answers.map(metric))])),
  primary: labelMetrics.recall,
  perQuery,
};
