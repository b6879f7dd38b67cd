import { madeText } from '../../data/found-text.js';
import { retrievalTable } from '../../figures/plots/metric-table.js';
import { taskKind } from '../../tasks/kinds/index.js';
import type { Evaluation } from '../evaluate.js';
import { productsText } from '../seen-products.js';
import type { TaskResult } from '../task-result.js';
import { byKind, metricRows } from './metric-rows.js';
import { taskTitle } from './titles.js';

/** Tasks and controls under the names that options and JSON have. */
const names = { task: ({ name }: Pick<TaskResult, 'name'>) => name, control: (name: string) => name };

/** All of an evaluation as text: a table a kind of task with a line a task and a line a control; then what each task asks. */
export function evaluationText({ data, split, seeds, tasks, missingImages, found }: Evaluation): string {
  const tables = byKind(tasks).map(
    ([kind, own]) =>
      retrievalTable(
        own.flatMap((task) => metricRows(task, names)),
        `${kind} on ${data}, split ${split}${seeds.length ? `, seeds ${seeds.join(', ')}` : ''}`,
      ).text,
  );
  const missing = missingImages ? [`${missingImages} images were not read and are left out`] : [];
  const made = found.queriesFrom === undefined ? [] : [`queries: ${madeText(found.queriesFrom)}`];
  return [...tables, tasks.map(about).join('\n'), ...made, ...missing].join('\n\n');
}

/** `g1.full (photo -> product): photo + crop -> iconic image ... (81 items, seen products, median rank 3.0)`. */
function about(task: TaskResult): string {
  const { name, kind, query, gallery, items, products, metrics, attainable, leftOut = {} } = task;
  const { counted = [] } = taskKind(kind);
  const facts = [
    `${items} items`,
    productsText[products],
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
  const title = task.title === undefined ? '' : ` (${taskTitle(task)})`;
  return `${name}${title}: ${query} -> ${gallery} (${facts.join('; ')})`;
}
