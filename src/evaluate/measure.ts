import { groupBy } from '../data/group-by.js';
import type { Rank } from '../search/embeddings.js';
import { type BootstrapOptions, bootstrapAll, type Interval } from '../statistics/bootstrap.js';
import type { Statistic } from '../statistics/statistic.js';
import { classStatistics, type Prediction } from '../tasks/class-metrics.js';
import { expectedRank, type Place, retrievalStatistics } from '../tasks/rank-metrics.js';
import type { Task } from '../tasks/task.js';

/** Metric name -> what it is, with a 95% interval. All are shares from 0 to 1 but `median rank`, which counts from 1. */
export type Metrics = Record<string, Interval>;

/** One row of a table of results; plain JSON. */
export interface TaskResult {
  name: string;
  kind: Task['kind'];
  /** What queries and items hold. */
  query: string;
  gallery: string;
  /** Whether training has seen the products that are asked for. */
  products: 'seen' | 'unseen' | 'mixed';
  /** Queries, and what they are ranked among. */
  n: number;
  items: number;
  /** What embeddings without information score, by metric. */
  chance: Record<string, number>;
  metrics: Metrics;
  /** The same metrics with less to go by, or without the network; null where there is no such control, and why in `reasons`. */
  controls: Record<string, Metrics | null>;
  reasons: Record<string, string>;
  /** Slice -> value -> queries and metrics. */
  slices: Record<string, Record<string, { n: number; metrics: Record<string, number> }>>;
  attainable?: Record<string, number>;
  leftOut?: Record<string, number>;
  /** One a query and seed, where asked for. */
  rows?: Row[];
  /** Beside the rows, what every control answered: by seed, in the order of the queries. */
  controlAnswers?: Record<string, Answered[][]>;
}

/** How one query fared: what came before, tied, and was named best (see `Rank`), in words that a table needs. */
export interface Row extends Answered {
  task: string;
  /** Seed of the network that answered. */
  seed: number;
  query: string;
  product: string;
  gold: string[];
  /** Expected rank of the best right item, from 1; ties broken at random. */
  rank: number;
  /** Similarity of the best right item. */
  score: number;
  top: Rank['top'];
  slices: Record<string, string>;
}

/** Ranks of a task: by seed of the network, for the task itself and for every control. */
export interface TaskRanks {
  main: Rank[][];
  controls: Record<string, Rank[][] | { none: string }>;
}

/** Metrics, controls, chance and slices of a task; the intervals of all come from the same draws. */
export function measureTask(
  task: Task,
  products: TaskResult['products'],
  { main, controls }: TaskRanks,
  options: BootstrapOptions = {},
): TaskResult {
  const { name, kind, query, gallery, asks, items, attainable, leftOut } = task;
  const answered = Object.entries(controls).flatMap(([control, ranks]) =>
    'none' in ranks ? [] : [[control, ranks] as const],
  );
  const measured = answerMetrics(kind, asks, { main, ...Object.fromEntries(answered) }, options);
  const ids = [...new Set(items.map(({ id }) => id))];
  return {
    name,
    kind,
    query,
    gallery,
    products,
    n: asks.length,
    items: ids.length,
    chance: chance(task, ids),
    metrics: measured.main,
    controls: Object.fromEntries(
      Object.entries(controls).map(([control, ranks]) => [control, 'none' in ranks ? null : measured[control]]),
    ),
    reasons: Object.fromEntries(
      Object.entries(controls).flatMap(([control, ranks]) => ('none' in ranks ? [[control, ranks.none]] : [])),
    ),
    slices: sliceMetrics(kind, asks, main),
    ...(attainable ? { attainable } : {}),
    ...(leftOut && Object.keys(leftOut).length ? { leftOut } : {}),
  };
}

/** A query as its metrics see it. */
export type Asked = Pick<Row, 'gold' | 'product'>;
/** An answer as its metrics see it. */
export type Answered = Place & Prediction;

/** Metrics of several answers to the same queries, by the name of the answer; `answers[name][s]` is that of seed s. */
export function answerMetrics(
  kind: Task['kind'],
  asks: readonly Asked[],
  answers: Record<string, readonly (readonly Answered[])[]>,
  options: BootstrapOptions = {},
): Record<string, Metrics> {
  const golds = asks.map(({ gold }) => gold);
  const columns = Object.entries(answers).flatMap(([name, bySeed]) =>
    Object.entries(statisticsBySeed(kind, bySeed, golds)).map(([metric, statistics]) => ({ name, metric, statistics })),
  );
  const intervals = bootstrapAll(
    columns.map(({ statistics }) => statistics),
    asks.map(({ product }) => product),
    options,
  );
  const measured: Record<string, Metrics> = {};
  columns.forEach(({ name, metric }, at) => {
    measured[name] = { ...measured[name], [metric]: intervals[at] };
  });
  return measured;
}

/** Per-query rows of what each seed answered. */
export function rowsOf({ name, asks }: Task, main: readonly (readonly Rank[])[], seeds: readonly number[]): Row[] {
  return main.flatMap((ranks, at) =>
    ranks.map((rank, row) => {
      const { id, gold, product, slices: own } = asks[row];
      const { before, tied, relevant, best, similarity: score, top } = rank;
      const place = { before, tied, relevant, best, rank: expectedRank(rank), score, top };
      return { task: name, seed: seeds[at], query: id, product, gold, ...place, slices: own };
    }),
  );
}

/** What the controls answered, as little of it as metrics need. */
export function controlAnswersOf(controls: TaskRanks['controls']): Record<string, Answered[][]> {
  const answerOf = ({ before, tied, relevant, best }: Answered) => ({ before, tied, relevant, best });
  return Object.fromEntries(
    Object.entries(controls).flatMap(([name, ranks]) =>
      'none' in ranks ? [] : [[name, ranks.map((bySeed) => bySeed.map(answerOf))]],
    ),
  );
}

function statisticsOf(
  kind: Task['kind'],
  ranks: readonly Answered[],
  golds: readonly (readonly string[])[],
): Record<string, Statistic> {
  return kind === 'retrieval' ? retrievalStatistics(ranks) : classStatistics(ranks, golds);
}

/** Every metric of an answer as a function of how often each query is drawn: metric -> by seed. */
export function statisticsBySeed(
  kind: Task['kind'],
  bySeed: readonly (readonly Answered[])[],
  golds: readonly (readonly string[])[],
): Record<string, Statistic[]> {
  const each = bySeed.map((ranks) => statisticsOf(kind, ranks, golds));
  return Object.fromEntries(
    Object.keys(each[0]).map((metric) => [metric, each.map((statistics) => statistics[metric])]),
  );
}

/** The metrics of embeddings that are all equal: exactly what guessing scores. */
function chance({ kind, asks }: Task, ids: string[]): Record<string, number> {
  const equal = asks.map(({ gold }) => {
    const relevant = new Set(gold).size;
    return { before: 0, tied: ids.length - relevant, relevant, best: ids };
  });
  const statistics = statisticsOf(
    kind,
    equal,
    asks.map(({ gold }) => gold),
  );
  return valuesOf(statistics, equal.length);
}

function valuesOf(statistics: Record<string, Statistic>, queries: number): Record<string, number> {
  const ones = new Float64Array(queries).fill(1);
  return Object.fromEntries(Object.entries(statistics).map(([metric, statistic]) => [metric, statistic(ones)]));
}

/** Metrics of every slice of the queries. */
export function sliceMetrics(
  kind: Task['kind'],
  asks: readonly (Asked & Pick<Row, 'slices'>)[],
  main: readonly (readonly Answered[])[],
): TaskResult['slices'] {
  const names = [...new Set(asks.flatMap((ask) => Object.keys(ask.slices)))];
  const rows = asks.map((_, row) => row);
  const measured = (own: readonly number[]) => {
    const statistics = statisticsBySeed(
      kind,
      main.map((ranks) => own.map((row) => ranks[row])),
      own.map((row) => asks[row].gold),
    );
    const ones = new Float64Array(own.length).fill(1);
    const means = Object.entries(statistics).map(
      ([metric, bySeed]) => [metric, bySeed.reduce((sum, each) => sum + each(ones), 0) / bySeed.length] as const,
    );
    return { n: own.length, metrics: Object.fromEntries(means) };
  };
  const byValue = (name: string) =>
    groupBy(
      rows.filter((row) => asks[row].slices[name] !== undefined),
      (row) => asks[row].slices[name],
    );
  return Object.fromEntries(
    names.map((name) => [name, Object.fromEntries([...byValue(name)].map(([value, own]) => [value, measured(own)]))]),
  );
}
