import { mean } from 'simple-statistics';
import { estimate, points } from '../../evaluate/contrast/findings-text.js';
import type { Interval } from '../../statistics/bootstrap.js';
import { seedIntervals } from '../../statistics/seed-interval.js';
import { meanOf, type Statistic } from '../../statistics/statistic.js';
import { taskKind } from '../../tasks/kinds/index.js';
import { answersOf } from '../run/row-answers.js';
import type { FinishedRow } from './study-table.js';

/** How much of the experts' gains over the base the rows of a study keep: (row - base) / (expert - base) on the primary metric of each task. */
export interface KeptGains {
  /** Each task with the row that was tuned for it, and what that gained over the base. */
  experts: { task: string; row: string; gain: Interval }[];
  rows: KeptRow[];
}

export interface KeptRow {
  name: string;
  /** By task. */
  kept: Record<string, Interval>;
  /** Over the tasks; 1 is as good as every expert on its own task, 0 as the base. */
  mean: Interval;
  worst: Interval;
  /** How far the weights lie from the base's: the L2 norm of the difference over that of the base's, mean over seeds. */
  moved?: number;
}

/**
 * Compute which part of the experts' gains each row keeps. Intervals are over products, their queries and seeds, as those of differences.
 * @param experts task -> the row that was tuned for it
 * @returns `none`, with the reason, where an expert has no clear gain: its interval reaches 0, and a ratio would divide by noise
 */
export function keptGains(
  experts: Readonly<Record<string, string>>,
  rows: readonly FinishedRow[],
  draws?: number,
): KeptGains | { none: string } {
  const tasks = Object.keys(experts);
  const started = rows.filter(({ results }) => results.size);
  const [base] = started;
  const missing = Object.values(experts).find((row) => !started.some(({ name }) => name === row));
  if (!base || missing !== undefined) return { none: `no trial of ${missing ?? 'the base'} is finished yet` };
  const seeds = [...base.results.keys()].filter((seed) => started.every(({ results }) => results.has(seed)));
  if (!seeds.length) return { none: 'no seed has all of its rows yet' };
  const shared = started.map((row) => {
    const results = new Map(seeds.map((seed) => [seed, row.results.get(seed)!]));
    return { ...row, results };
  });
  const queries = tasks.map((task) => answersOf(task, shared[0].results).bySeed[0]);
  const clusters = queries.flatMap((own) => own.map(({ product }) => product));
  const starts = queries.map((_, at) => queries.slice(0, at).reduce((sum, { length }) => sum + length, 0));
  const scores = new Map(shared.map((row) => [row.name, tasks.map((task) => scoresOf(task, row))]));
  /** Row minus base on a task, by seed, as functions of all queries. */
  const gains = (row: string, task: number): Statistic[] =>
    seeds.map((_, seed) => {
      const own = scores.get(row)![task][seed];
      const difference = meanOf(own.map((score, at) => score - scores.get(base.name)![task][seed][at]));
      return (weights) => difference(weights.subarray(starts[task], starts[task] + own.length));
    });
  const expertGains = tasks.map((task, at) => gains(experts[task], at));
  const found = seedIntervals(expertGains, clusters, { draws });
  const named = tasks.map((task, at) => ({ task, row: experts[task], gain: intervalOf(found[at]) }));
  const unclear = named.find(({ gain }) => gain.low <= 0);
  if (unclear)
    return {
      none: `${unclear.row} has no clear gain over the base on ${unclear.task}: ${estimate(unclear.gain)}`,
    };
  const others = shared.slice(1);
  const statistics = others.map(({ name }) => {
    const byTask = tasks.map((_, at) =>
      gains(name, at).map(
        (gain, seed): Statistic =>
          (weights) =>
            gain(weights) / expertGains[at][seed](weights),
      ),
    );
    const over = (combine: (values: number[]) => number): Statistic[] =>
      seeds.map((_, seed) => (weights) => combine(byTask.map((each) => each[seed](weights))));
    return [...byTask, over((values) => mean(values)), over((values) => Math.min(...values))];
  });
  const intervals = seedIntervals(statistics.flat(), clusters, { draws }).map(intervalOf);
  const width = tasks.length + 2;
  return {
    experts: named,
    rows: others.map(({ name, results }, at) => {
      const own = intervals.slice(at * width, (at + 1) * width);
      const moved = [...results.values()].flatMap((result) => result.moved ?? []);
      return {
        name,
        kept: Object.fromEntries(tasks.map((task, place) => [task, own[place]])),
        mean: own[width - 2],
        worst: own[width - 1],
        ...(moved.length ? { moved: mean(moved) } : {}),
      };
    }),
  };
}

const intervalOf = ({ value, low, high }: Interval): Interval => ({ value, low, high });

/** The answers of a row to a task as numbers, by seed. */
function scoresOf(task: string, { results }: FinishedRow): number[][] {
  const kind = [...results.values()][0].tasks.find(({ name }) => name === task)!.kind;
  const { perQuery, primary } = taskKind(kind);
  return answersOf(task, results).bySeed.map((answers) => answers.map(perQuery[primary]));
}

/** The rows as text, best mean first. */
export function keptGainsText(kept: KeptGains | { none: string }): string {
  if ('none' in kept) return `Kept of the experts' gains: no scores. ${kept.none}.`;
  const rows = [...kept.rows].sort((a, b) => b.mean.value - a.mean.value);
  return [
    "Kept of the experts' gains in percent, (row - base) / (expert - base); 100 is as good as each expert on its own task:",
    ...kept.experts.map(({ task, row, gain }) => `  ${task}: ${row} gains ${estimate(gain)} points over the base`),
    ...rows.map(({ name, mean, worst, kept: byTask, moved }) => {
      const each = Object.entries(byTask).map(([task, { value }]) => `${task} ${points(value)}`);
      const far = moved === undefined ? '' : `; weights ${(100 * moved).toPrecision(2)}% from the base's`;
      return `  ${name}: mean ${estimate(mean)}, worst ${estimate(worst)} (${each.join(', ')})${far}`;
    }),
  ].join('\n');
}
