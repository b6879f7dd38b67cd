import { meanOf, type Statistic } from '../../statistics/statistic.js';
import { recallAt } from '../rank-metrics.js';
import type { Task } from '../task.js';
import type { Answered, RanksOrNone, TaskKind } from './kind.js';

const isRight = (answer: Answered) => recallAt(answer, 1);

/** Classification by the nearest label text: accuracy over queries, and accuracy and F1 averaged over classes. */
export const classification: TaskKind = {
  name: 'classification',
  statistics: classStatistics,
  primary: 'accuracy',
  perQuery: { accuracy: isRight },
  controls: { majority: rankByMajority },
};

/**
 * Accuracy, macro accuracy (mean over classes of the fraction of correct queries) and macro F1 (2 tp / (2 tp + fp + fn)), as functions of
 * how often each query is drawn by the bootstrap. The classes are those of the queries. A query with several true labels counts in the
 * class of each, and is correct if the predicted label is any of them.
 * @param golds true labels of every query
 */
export function classStatistics(
  predictions: readonly Answered[],
  golds: readonly (readonly string[])[],
): Record<string, Statistic> {
  const rowOf = new Map([...new Set(golds.flat())].map((label, row) => [label, row]));
  const hits = predictions.map(isRight);
  const own = golds.map((labels) => labels.map((label) => rowOf.get(label)!));
  // A predicted label that no query has is not a class: the error already counts in the query's own class.
  const guessed = predictions.map(({ best }) => best.flatMap((label) => rowOf.get(label) ?? []));
  const byClass = (weights: Float64Array): ByClass => {
    const [count, right, truePositive, falsePositive] = Array.from({ length: 4 }, () => new Float64Array(rowOf.size));
    for (let at = 0; at < hits.length; at++) {
      const weight = weights[at];
      if (!weight) continue;
      for (const row of own[at]) {
        count[row] += weight;
        right[row] += weight * hits[at];
      }
      for (const row of guessed[at])
        (own[at].includes(row) ? truePositive : falsePositive)[row] += weight / predictions[at].best.length;
    }
    const f1 = count.map((total, row) => {
      const twice = 2 * truePositive[row];
      // If all queries of a class are correct by another of their labels, this label is never predicted; F1 is 0 then, as in scikit-learn.
      return twice ? twice / (twice + falsePositive[row] + total - right[row]) : 0;
    });
    return { count, accuracy: right.map((sum, row) => sum / count[row]), f1 };
  };
  const full = byClass(new Float64Array(hits.length).fill(1));
  return {
    accuracy: meanOf(hits),
    'macro accuracy': (weights) => macro(byClass(weights), full, 'accuracy'),
    'macro F1': (weights) => macro(byClass(weights), full, 'f1'),
  };
}

/** Per class: number of queries, fraction of correct ones, F1. */
type ByClass = Record<'count' | 'accuracy' | 'f1', Float64Array>;

/**
 * Mean over classes. A class without queries in a bootstrap sample keeps its value on the full data. Otherwise samples would have fewer
 * rare classes than the data, and an interval might not contain its own estimate.
 */
function macro(drawn: ByClass, full: ByClass, what: 'accuracy' | 'f1'): number {
  const classes = drawn.count.length;
  let sum = 0;
  for (let row = 0; row < classes; row++) sum += (drawn.count[row] ? drawn : full)[what][row];
  return sum / classes;
}

/** The majority control: always predicts the most frequent label among the training products. */
export function rankByMajority({ asks, majority }: Task): RanksOrNone {
  if (majority === undefined) return { none: 'no product for training has a label' };
  return asks.map(({ id, gold }) => ({
    query: id,
    gold: gold[0],
    before: gold.includes(majority) ? 0 : 1,
    tied: 0,
    relevant: 1,
    similarity: Number(gold.includes(majority)),
    top: [{ id: majority, similarity: 1 }],
    best: [majority],
  }));
}
