import { groupBy } from '../data/group-by.js';
import { type BootstrapOptions, bootstrapAll } from '../statistics/bootstrap.js';
import type { Statistic } from '../statistics/statistic.js';
import { chanceOf } from '../tasks/kinds/chance.js';
import { type Answered, taskKind } from '../tasks/kinds/index.js';
import type { Task } from '../tasks/task.js';
import type { Asked, Metrics, Row, TaskRanks, TaskResult } from './task-result.js';

/** Compute metrics, controls, chance and slices of a task. All intervals use the same bootstrap samples. */
export function measureTask(
  task: Task,
  products: TaskResult['products'],
  { main, controls }: TaskRanks,
  options: BootstrapOptions = {},
): TaskResult {
  const { name, title, isVariant, kind, query, gallery, asks, items, attainable, leftOut } = task;
  const answered = Object.entries(controls).flatMap(([control, ranks]) =>
    'none' in ranks ? [] : [[control, ranks] as const],
  );
  const measured = answerMetrics(kind, asks, { main, ...Object.fromEntries(answered) }, options);
  return {
    name,
    ...(title === undefined ? {} : { title }),
    ...(isVariant ? { isVariant } : {}),
    kind,
    query,
    gallery,
    products,
    n: asks.length,
    items: new Set(items.map(({ id }) => id)).size,
    chance: chanceOf(task),
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

/** The metrics of several sets of answers to the same queries, by name. `answers[name][s]` are the answers of seed s. */
export function answerMetrics(
  kind: string,
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

/** Every metric as a function of how often each query is drawn: metric -> by seed. */
export function statisticsBySeed(
  kind: string,
  bySeed: readonly (readonly Answered[])[],
  golds: readonly (readonly string[])[],
): Record<string, Statistic[]> {
  const each = bySeed.map((answers) => taskKind(kind).statistics(answers, golds));
  return Object.fromEntries(
    Object.keys(each[0]).map((metric) => [metric, each.map((statistics) => statistics[metric])]),
  );
}

/** The metrics of every slice of the queries. */
export function sliceMetrics(
  kind: string,
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
