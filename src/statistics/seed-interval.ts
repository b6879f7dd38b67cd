import { mean, sampleVariance } from 'simple-statistics';
import { wrongOption } from '../checks/error.js';
import { type RandomStream, randomStream } from '../engine/random.js';
import { type BootstrapOptions, type Interval, percentiles, resampleQueries } from './bootstrap.js';
import type { Statistic } from './statistic.js';

/** A difference with its 95% interval and its variance components, which more seeds or more queries would reduce. */
export interface Difference extends Interval {
  variance: {
    /** Variance of the mean over these seeds due to the sampling of products and queries. */
    queries: number;
    /**
     * Variance of one seed relative to the others due to the sampling of products and queries, i.e. of how differently each seed answers.
     */
    answers: number;
    /** Further variance of one seed, common to all queries. 0 with a single seed, for which it cannot be estimated. */
    seeds: number;
  };
}

/**
 * Paired differences with intervals over products, their queries, and seeds. Products and queries are resampled with replacement. There are
 * too few seeds for that: a bootstrap over three seeds underestimates their spread. Instead, the mean over seeds is shifted in every
 * bootstrap sample by a Student variable with S - 1 degrees of freedom, scaled by the variance between seeds that the sampling of queries
 * does not explain.
 * @param statistics `statistics[k][s]` is the k-th difference for seed s
 * @param clusters product of every query
 * @throws UserError for fewer than 2 bootstrap samples
 */
export function seedIntervals(
  statistics: readonly (readonly Statistic[])[],
  clusters: readonly string[],
  options: BootstrapOptions = {},
): Difference[] {
  const { seed = 0, draws = 2000 } = options;
  if (draws < 2) throw wrongOption('draws', draws, 'at least 2, so that they can differ');
  const drawn = statistics.map((bySeed) => bySeed.map(() => new Array<number>(draws)));
  resampleQueries(clusters, { seed, draws }, (weights, draw) => {
    statistics.forEach((bySeed, at) => {
      bySeed.forEach((statistic, s) => {
        drawn[at][s][draw] = statistic(weights);
      });
    });
  });
  const ones = new Float64Array(clusters.length).fill(1);
  return statistics.map((bySeed, at) => {
    const values = bySeed.map((statistic) => statistic(ones));
    return estimate(values, drawn[at], smallSampleFactor(new Set(clusters).size), randomStream(seed, 'luck of seeds'));
  });
}

/**
 * With few products P, bootstrap samples underestimate the spread: by (P - 1) / P in variance, and because they are normal instead of
 * Student distributed with P - 1 degrees of freedom, whose 97.5% quantile is about 1 + (1.96^2 + 1) / 4 (P - 1) times the normal one.
 */
function smallSampleFactor(products: number): number {
  const degrees = Math.max(1, products - 1);
  return Math.sqrt(products / degrees) * (1 + 1.21 / degrees);
}

function estimate(
  values: readonly number[],
  drawn: readonly (readonly number[])[],
  wider: number,
  stream: RandomStream,
): Difference {
  const seeds = values.length;
  const draws = drawn[0].length;
  const means = Array.from({ length: draws }, (_, draw) => mean(drawn.map((of) => of[draw])));
  const queries = sampleVariance(means);
  const answers =
    seeds > 1
      ? (mean(drawn.map((of) => sampleVariance(of.map((each, at) => each - means[at])))) * seeds) / (seeds - 1)
      : 0;
  const between = seeds > 1 ? Math.max(0, sampleVariance(values) - answers) : 0;
  const scale = Math.sqrt(between / seeds);
  const value = mean(values);
  const moved = Float64Array.from(
    means,
    (each) => value + wider * (each - value) + (scale > 0 ? scale * student(seeds - 1, stream) : 0),
  );
  return { value, ...percentiles(moved), variance: { queries, answers, seeds: between } };
}

/** A Student t variable: a normal variable over the root mean square of `degrees` normal ones. */
function student(degrees: number, stream: RandomStream): number {
  const squares = Array.from({ length: degrees }, () => stream.normal() ** 2);
  return stream.normal() / Math.sqrt(mean(squares));
}
