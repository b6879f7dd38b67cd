import type { Evaluation } from '../evaluate/evaluate.js';
import type { Metrics, TaskResult } from '../evaluate/measure.js';
import { type MetricRow, retrievalTable } from '../figures/plots/metric-table.js';

/** Metrics that are no share and have no place in a table of percents. */
const counted = new Set(['median rank']);

/** An evaluation as text: a line a task and a line a control, retrieval apart from classification; then what the tasks say of themselves. */
export function evaluationText({ data, split, seeds, tasks, missingImages }: Evaluation): string {
  const tables = (['retrieval', 'classification'] as const).flatMap((kind) => {
    const rows = tasks.filter((task) => task.kind === kind).flatMap(rowsOfTask);
    return rows.length
      ? [retrievalTable(rows, `${kind} on ${data}, split ${split}, seeds ${seeds.join(', ')}`).text]
      : [];
  });
  const missing = missingImages ? [`${missingImages} images could not be read and are left out`] : [];
  return [...tables, tasks.map(about).join('\n'), ...missing].join('\n\n');
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
function rowsOfTask({ name, n, chance, metrics, controls }: TaskResult): MetricRow[] {
  const row = (label: string, own: Metrics): MetricRow => ({ name: label, n, chance, metrics: shares(own) });
  const others = Object.entries(controls).flatMap(([control, own]) => (own ? [row(`  ${control}`, own)] : []));
  return [row(name, metrics), ...others];
}

function shares(metrics: Metrics): Metrics {
  return Object.fromEntries(Object.entries(metrics).filter(([metric]) => !counted.has(metric)));
}

/** `g1.full: photo + crop -> iconic image ... (81 items, seen products, median rank 3.0)`. */
function about({ name, query, gallery, items, products, metrics, attainable, leftOut = {} }: TaskResult): string {
  const median = metrics['median rank'];
  const facts = [
    `${items} items`,
    `${products} products`,
    ...(median ? [`median rank ${median.value.toFixed(1)} [${median.low.toFixed(1)}, ${median.high.toFixed(1)}]`] : []),
    ...(attainable
      ? [
          `at most ${Object.entries(attainable)
            .map(([metric, share]) => `${metric} ${(100 * share).toFixed(1)}`)
            .join(', ')}`,
        ]
      : []),
    ...Object.entries(leftOut).map(([reason, count]) => `${count} left out: ${reason}`),
  ];
  return `${name}: ${query} -> ${gallery} (${facts.join('; ')})`;
}
