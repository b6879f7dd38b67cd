import { recallAt } from './rank-metrics.js';
import type { Rank } from './ranks.js';
import { meanOf, type Statistic } from './statistics.js';

/** What a classification says of one query; of labels that tie for the first place each is as likely. */
export type Prediction = Pick<Rank, 'before' | 'tied' | 'relevant' | 'best'>;

/**
 * Accuracy, and two means over classes, as functions of how often each query is drawn: macro accuracy (share of a class's queries that
 * are right) and macro F1 (2 tp / (2 tp + fp + fn)). Over the classes that drawn queries have. A query with several true labels
 * counts in the class of each, and is right when the predicted label is any of them.
 * @param golds true labels of every query
 */
export function classStatistics(
  predictions: readonly Prediction[],
  golds: readonly (readonly string[])[],
): Record<string, Statistic> {
  const rowOf = new Map([...new Set(golds.flat())].map((label, row) => [label, row]));
  const hits = predictions.map((prediction) => recallAt(prediction, 1));
  const own = golds.map((labels) => labels.map((label) => rowOf.get(label)!));
  // A label that is nobody's costs nobody precision but the query that got it, which misses its own class anyway.
  const guessed = predictions.map(({ best }) => best.flatMap((label) => rowOf.get(label) ?? []));
  const tally = (weights: Float64Array) => {
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
    return { count, right, truePositive, falsePositive };
  };
  return {
    accuracy: meanOf(hits),
    'macro accuracy': (weights) => {
      const { count, right } = tally(weights);
      return macro(count, (row) => right[row] / count[row]);
    },
    'macro F1': (weights) => {
      const { count, right, truePositive, falsePositive } = tally(weights);
      return macro(count, (row) => {
        const missed = count[row] - right[row];
        return (2 * truePositive[row]) / (2 * truePositive[row] + falsePositive[row] + missed);
      });
    },
  };
}

/** Mean over the classes that have a count. */
function macro(count: Float64Array, scoreOf: (row: number) => number): number {
  let sum = 0;
  let classes = 0;
  for (let row = 0; row < count.length; row++) {
    if (!count[row]) continue;
    sum += scoreOf(row);
    classes++;
  }
  return sum / classes;
}
