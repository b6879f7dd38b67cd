import { sampleRankCorrelation } from 'simple-statistics';
import { type BootstrapOptions, bootstrapAll, type Interval } from './bootstrap.js';

/** Two metrics of one run. */
export interface MetricPair {
  /** What changed from run to run, such as the row of a study: the unit that is resampled. */
  group: string;
  /** The metric that is cheap to have, and the one that matters. */
  intermediate: number;
  downstream: number;
}

/** What a change of one metric is worth in another. */
export interface ExchangeRate {
  runs: number;
  groups: number;
  /** Change of the downstream metric for a change of the intermediate one by 1: the slope of the least-squares line. */
  rate: Interval;
  /** Of the line, where the intermediate metric is 0. */
  intercept: number;
  /** Spearman's: whether both put the runs into one order, from -1 to 1. Null where one of them does not vary. */
  rankCorrelation: number | null;
}

/**
 * The exchange rate of an intermediate metric to a downstream one over runs, with a 95% interval that resamples groups, then their runs. Undefined for
 * fewer than three groups, or where the intermediate metric does not vary.
 */
export function exchangeRate(pairs: readonly MetricPair[], options?: BootstrapOptions): ExchangeRate | undefined {
  const groups = pairs.map(({ group }) => group);
  const [x, y] = [pairs.map(({ intermediate }) => intermediate), pairs.map(({ downstream }) => downstream)];
  const ones = new Float64Array(pairs.length).fill(1);
  const { slope, intercept } = lineThrough(x, y, ones);
  if (new Set(groups).size < 3 || !Number.isFinite(slope)) return undefined;
  // A sample in which the intermediate metric does not vary says nothing, and counts as the slope of all.
  const statistic = (weights: Float64Array) => {
    const drawn = lineThrough(x, y, weights).slope;
    return Number.isFinite(drawn) ? drawn : slope;
  };
  const [rate] = bootstrapAll([[statistic]], groups, options);
  const correlation = sampleRankCorrelation(x, y);
  return {
    runs: pairs.length,
    groups: new Set(groups).size,
    rate,
    intercept,
    rankCorrelation: Number.isFinite(correlation) ? correlation : null,
  };
}

/** The least-squares line; its slope is not finite where x does not vary. */
function lineThrough(x: readonly number[], y: readonly number[], weights: Float64Array) {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = (values: readonly number[]) => values.reduce((sum, value, at) => sum + weights[at] * value, 0) / total;
  const [mx, my] = [mean(x), mean(y)];
  const [along, spread] = [
    x.reduce((sum, value, at) => sum + weights[at] * (value - mx) * (y[at] - my), 0),
    x.reduce((sum, value, at) => sum + weights[at] * (value - mx) ** 2, 0),
  ];
  const slope = spread > 1e-12 * total ? along / spread : Number.NaN;
  return { slope, intercept: my - slope * mx };
}
