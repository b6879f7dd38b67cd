import type { MetricRow } from '../../figures/plots/metric-table.js';
import { fractionsOf, taskKinds } from '../../tasks/kinds/index.js';
import { productsText } from '../seen-products.js';
import type { Metrics, TaskResult } from '../task-result.js';
import { controlTitle, taskTitle } from './titles.js';

/** Tasks by the kinds that they are of, in the order of the kinds. */
export function byKind(tasks: readonly TaskResult[]): [kind: string, tasks: TaskResult[]][] {
  return taskKinds().flatMap(({ name }): [string, TaskResult[]][] => {
    const own = tasks.filter(({ kind }) => kind === name);
    return own.length ? [[name, own]] : [];
  });
}

/** A task and its controls as rows of a table. @param nameOf how the rows are called; titles by default */
export function metricRows(task: TaskResult, nameOf = { task: taskTitle, control: controlTitle }): MetricRow[] {
  const { kind, n, chance, metrics, controls } = task;
  const row = (name: string, own: Metrics): MetricRow => ({ name, n, chance, metrics: fractionsOf(kind, own) });
  const others = Object.entries(controls).flatMap(([control, own]) =>
    own ? [row(`  ${nameOf.control(control)}`, own)] : [],
  );
  return [row(nameOf.task(task), metrics), ...others];
}

/** The same with notes: what the queries and the products show, what was left out, and which controls there are not. */
export function notedRows(task: TaskResult): MetricRow[] {
  const { query, gallery, items, products, leftOut = {}, reasons } = task;
  const [own, ...controls] = metricRows(task);
  const left = Object.entries(leftOut).map(([reason, count]) => `${count} left out: ${reason}`);
  const none = Object.entries(reasons).map(([control, reason]) => `no row '${controlTitle(control)}': ${reason}`);
  const notes = [`${query} -> ${items} items: ${gallery}`, productsText[products], ...left, ...none];
  return [{ ...own, notes }, ...controls];
}
