import type { Evaluation } from '../evaluate/evaluate.js';
import type { Metrics, TaskResult } from '../evaluate/task-result.js';
import { type MetricRow, retrievalTable } from '../figures/plots/metric-table.js';
import { fractionsOf, taskKind, taskKinds } from '../tasks/kinds/index.js';

/** An evaluation as text: a table a kind of task with a line a task and a line a control; then what the tasks say of themselves. */
export function evaluationText({ data, split, seeds, tasks, missingImages }: Evaluation): string {
  const tables = byKind(tasks).map(
    ([kind, own]) =>
      retrievalTable(own.flatMap(rowsOfTask), `${kind} on ${data}, split ${split}, seeds ${seeds.join(', ')}`).text,
  );
  const missing = missingImages ? [`${missingImages} images could not be read and are left out`] : [];
  return [...tables, tasks.map(about).join('\n'), ...missing].join('\n\n');
}

/** Tasks by the kinds that they are of, in the order of the kinds. */
export function byKind(tasks: readonly TaskResult[]): [kind: string, tasks: TaskResult[]][] {
  return taskKinds().flatMap(({ name }): [string, TaskResult[]][] => {
    const own = tasks.filter(({ kind }) => kind === name);
    return own.length ? [[name, own]] : [];
  });
}

/** The same with a note: what is looked for, among what, and what is left out. And why a control is not there. */
export function notedRows(task: TaskResult): MetricRow[] {
  const { gallery, items, products, leftOut = {}, reasons } = task;
  const left = Object.entries(leftOut).map(([reason, count]) => `${count} left out: ${reason}`);
  const none = Object.entries(reasons).map(([control, reason]) => `no ${control}: ${reason}`);
  const [own, ...controls] = rowsOfTask(task);
  return [
    { ...own, note: [`${products} products`, `${items} items: ${gallery}`, ...left, ...none].join('; ') },
    ...controls,
  ];
}

/** A task and its controls as lines of a table. */
function rowsOfTask({ name, kind, n, chance, metrics, controls }: TaskResult): MetricRow[] {
  const row = (label: string, own: Metrics): MetricRow => ({ name: label, n, chance, metrics: fractionsOf(kind, own) });
  const others = Object.entries(controls).flatMap(([control, own]) => (own ? [row(`  ${control}`, own)] : []));
  return [row(name, metrics), ...others];
}

/** `g1.full: photo + crop -> iconic image ... (81 items, seen products, median rank 3.0)`. */
function about(task: TaskResult): string {
  const { name, kind, query, gallery, items, products, metrics, attainable, leftOut = {} } = task;
  const { counted = [] } = taskKind(kind);
  const facts = [
    `${items} items`,
    `${products} products`,
    ...counted.map((metric) => {
      const { value, low, high } = metrics[metric];
      return `${metric} ${value.toFixed(1)} [${low.toFixed(1)}, ${high.toFixed(1)}]`;
    }),
    ...(attainable
      ? [
          `at most ${Object.entries(attainable)
            .map(([metric, fraction]) => `${metric} ${(100 * fraction).toFixed(1)}`)
            .join(', ')}`,
        ]
      : []),
    ...Object.entries(leftOut).map(([reason, count]) => `${count} left out: ${reason}`),
  ];
  return `${name}: ${query} -> ${gallery} (${facts.join('; ')})`;
}
