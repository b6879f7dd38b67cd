import type { Statistic } from './statistic.js';

/**
 * Area under the ROC curve as a statistic: the probability that a random value among those marked is above a random one of the others, ties
 * counting half. NaN without values on either side.
 */
export function areaUnderCurve(values: readonly number[], isMarked: readonly boolean[]): Statistic {
  const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
  return (weights) => {
    let [below, marked, area] = [0, 0, 0];
    for (let start = 0; start < order.length; ) {
      // All with the same value at once.
      let [end, own, others] = [start, 0, 0];
      for (; end < order.length && values[order[end]] === values[order[start]]; end++) {
        if (isMarked[order[end]]) own += weights[order[end]];
        else others += weights[order[end]];
      }
      area += own * (below + others / 2);
      marked += own;
      below += others;
      start = end;
    }
    return area / (marked * below);
  };
}
