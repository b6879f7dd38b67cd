import type { Table } from '../../figures/figure.js';
import { type Estimate, type MetricRow, retrievalTable } from '../../figures/plots/metric-table.js';
import { countRange } from '../../figures/theme.js';
import { directions } from '../../tasks/directions.js';
import type { TaskResult } from '../task-result.js';

/** The tasks of one system that the table reads. */
export interface DirectionsRow {
  name: string;
  tasks: readonly TaskResult[];
}

/** A score with its chance level. */
interface Scored {
  estimate: Estimate;
  chance?: number;
}

/**
 * The table of MOON2.0 (arXiv 2511.12449): R@10 in the five directions, then accuracy of the deepest category and of attributes. The interval
 * of attributes is the mean of their intervals, which is wider than that of their mean.
 * @param metric of the five directions
 */
export function directionsTable(systems: readonly DirectionsRow[], metric = 'R@10'): Table {
  const counts: number[] = [];
  const rows = systems.map(({ name, tasks }): MetricRow => {
    const find = (task: string) => tasks.find((each) => each.name === task);
    const scored = new Map<string, Scored | undefined>();
    for (const direction of directions) {
      const task = find(`directions.${direction}`);
      if (task) counts.push(task.n);
      scored.set(direction.replace('-', '->'), task && scoreOf(task, metric));
    }
    const classes = tasks.filter((task) => /^(classification\.[\w-]+|g5\.[\w-]+)$/.test(task.name) && !task.isVariant);
    const attributes = tasks.filter((task) => /^(attribute\.|g6\.)[\w-]+$/.test(task.name) && !task.isVariant);
    const deepest = classes.at(-1);
    scored.set('class', deepest && scoreOf(deepest, 'accuracy'));
    scored.set('attribute', meanScore(attributes.map((task) => scoreOf(task, 'accuracy'))));
    const entries = [...scored].map(([column, score]) => [column, score?.estimate ?? null] as const);
    return {
      name,
      n: tasks[0]?.n ?? 0,
      metrics: Object.fromEntries(entries),
      chance: Object.fromEntries(
        [...scored].flatMap(([column, score]) => (score?.chance ? [[column, score.chance]] : [])),
      ),
      notes: [
        `${metric} of the directions (n = ${countRange(counts)} queries), accuracy of ${deepest?.name ?? 'no class'} and the mean of ${attributes.length} attributes, whose interval is the mean of theirs`,
      ],
    };
  });
  return retrievalTable(rows, 'Five directions');
}

function scoreOf({ metrics, chance }: TaskResult, metric: string): Scored {
  return { estimate: metrics[metric], chance: chance[metric] };
}

function meanScore(scores: readonly Scored[]): Scored | undefined {
  if (!scores.length) return undefined;
  const mean = (of: (score: Scored) => number) => scores.reduce((sum, score) => sum + of(score), 0) / scores.length;
  const part = (name: keyof Estimate) => mean(({ estimate }) => estimate[name]);
  return {
    estimate: { value: part('value'), low: part('low'), high: part('high') },
    chance: mean(({ chance = 0 }) => chance),
  };
}
