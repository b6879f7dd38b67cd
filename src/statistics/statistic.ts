/** A statistic of queries that count `weights[i]` times each. NaN if all weights are 0. */
export type Statistic = (weights: Float64Array) => number;

export function meanOf(values: readonly number[]): Statistic {
  return (weights) => {
    let sum = 0;
    let count = 0;
    for (let at = 0; at < values.length; at++) {
      sum += weights[at] * values[at];
      count += weights[at];
    }
    return sum / count;
  };
}

/** Weighted median. If the weight on both sides is equal, the mean of the two middle values. */
export function medianOf(values: readonly number[]): Statistic {
  const order = values.map((_, at) => at).sort((a, b) => values[a] - values[b]);
  return (weights) => {
    const half = weights.reduce((sum, weight) => sum + weight, 0) / 2;
    let below = 0;
    for (let place = 0; place < order.length; place++) {
      below += weights[order[place]];
      if (below > half) return values[order[place]];
      if (below === half && half > 0) {
        const next = order.slice(place + 1).find((at) => weights[at] > 0);
        return next === undefined ? values[order[place]] : (values[order[place]] + values[next]) / 2;
      }
    }
    return Number.NaN;
  };
}
