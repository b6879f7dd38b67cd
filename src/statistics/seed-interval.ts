import { mean, sampleVariance } from 'simple-statistics';
import { wrongOption } from '../checks/error.js';
import { type RandomStream, randomStream } from '../engine/random.js';
import { type BootstrapOptions, drawQueries, type Interval, percentiles } from './bootstrap.js';
import type { Statistic } from './statistic.js';

/** A difference with its 95% interval, and what its variance is made of: what more seeds or more queries would take away. */
export interface Difference extends Interval {
  variance: {
    /** Of the mean over these seeds, by the draw of products and queries. */
    queries: number;
    /** Of one seed against the others, by the draw of products and queries: what each seed answers otherwise. */
    answers: number;
    /** Of one seed, beyond that: what its training was worth, on all queries alike. 0 where there is one seed, which cannot tell. */
    seeds: number;
  };
}

/**
 * Paired differences with intervals over products, then their queries, then seeds. Products and queries are drawn with replacement.
 * Seeds are too few for that: three of them drawn anew spread less than seeds do. So the mean over seeds moves in every draw by
 * a Student variable of S - 1 degrees, scaled by what seeds differ by beyond what the draw of queries explains.
 * @param statistics `statistics[k][s]` is the k-th difference as seed s has it
 * @param clusters product of every query
 * @throws UserError for fewer than 2 draws
 */
export function seedIntervals(
  statistics: readonly (readonly Statistic[])[],
  clusters: readonly string[],
  options: BootstrapOptions = {},
): Difference[] {
  const { seed = 0, draws = 2000 } = options;
  if (draws < 2) throw wrongOption('draws', draws, 'at least 2, so that they can differ');
  const drawn = statistics.map((bySeed) => bySeed.map(() => new Array<number>(draws)));
  drawQueries(clusters, { seed, draws }, (weights, draw) => {
    statistics.forEach((bySeed, at) => {
      bySeed.forEach((statistic, s) => {
        drawn[at][s][draw] = statistic(weights);
      });
    });
  });
  const ones = new Float64Array(clusters.length).fill(1);
  return statistics.map((bySeed, at) => {
    const values = bySeed.map((statistic) => statistic(ones));
    return estimate(values, drawn[at], widening(new Set(clusters).size), randomStream(seed, 'luck of seeds'));
  });
}

/**
 * Draws of few products spread too little: by (P - 1) / P in variance, and as a normal variable where Student's of P - 1 degrees would do,
 * whose 97.5% quantile is about 1 + (1.96^2 + 1) / 4 (P - 1) times the normal one.
 */
function widening(products: number): number {
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

/** Student's t: a normal number over the root of the mean of so many squared ones. */
function student(degrees: number, stream: RandomStream): number {
  const squares = Array.from({ length: degrees }, () => stream.normal() ** 2);
  return stream.normal() / Math.sqrt(mean(squares));
}
