import { groupBy } from '../../data/group-by.js';
import type { DoseSeries as Curve } from '../../figures/plots/dose-response.js';
import type { Interval } from '../../statistics/bootstrap.js';
import type { KeptGains } from './kept-gains.js';
import type { TaskTable } from './study-table.js';

interface NamedValue {
  name: string;
  value: Interval;
  n: number;
}

/**
 * Curves over the number that row names end in: `wanda-50` and `wanda-70` are two points of `wanda`. Rows without a number, and those that are
 * alone, are left out. For `doseResponse`.
 */
export function rowCurves(rows: readonly NamedValue[]): Curve[] {
  const numbered = rows.flatMap(({ name, value, n }) => {
    const [, curve, dose] = /^(.+)-(\d+(?:\.\d+)?)$/.exec(name) ?? [];
    return curve === undefined ? [] : [{ curve, point: { dose: Number(dose), ...value, n } }];
  });
  return [...groupBy(numbered, ({ curve }) => curve)].flatMap(([name, own]) =>
    own.length > 1 ? [{ name, points: own.map(({ point }) => point) }] : [],
  );
}

/** The curves of a task on its primary metric. */
export const taskCurves = ({ rows, metric }: Pick<TaskTable, 'rows' | 'metric'>): Curve[] =>
  rowCurves(rows.map(({ name, metrics, n }) => ({ name, value: metrics[metric], n })));

/** The curves of the mean part of the experts' gains that rows keep. @param n queries of all tasks */
export const keptCurves = ({ rows }: KeptGains, n: number): Curve[] =>
  rowCurves(rows.map(({ name, mean }) => ({ name, value: mean, n })));
