import { alignColumns } from '../../figures/plots/align-columns.js';
import { fractionsOf } from '../../tasks/kinds/index.js';
import { points } from '../contrast/findings-text.js';
import { percent, percentText } from '../summary/result-sentence.js';
import { taskTitle } from '../summary/titles.js';
import type { ComparedSystem, Comparison, TaskComparison } from './compare.js';

/** Values of a slice with fewer queries are left out. */
const FEWEST = 10;

/** A comparison for a terminal: a table a task, what each system does on slices, what was left out. */
export function comparisonText({ tasks, skipped }: Comparison): string {
  const none = Object.entries(skipped).map(
    ([task, reasons]) =>
      `not compared: ${task}${Object.keys(reasons).length ? ` (${reasonsText(reasons)})` : ', since no query is left'}`,
  );
  return [...tasks.map((task) => taskText(task)), ...none].join('\n\n');
}

function taskText(comparison: TaskComparison): string {
  const { task, metric, chance, systems, reasons } = comparison;
  const metrics = Object.keys(fractionsOf(task.kind, systems[0].metrics));
  const [base] = systems;
  const rows = [
    ['', ...metrics.map((name) => `${name} %`), `${metric} against ${base.name}`, 'p (Holm)', 'won, lost'],
    ...systems.map((system) => [
      seedsOf(system),
      ...metrics.map((name) => percentText(system.metrics[name]).replace('%', '')),
      ...againstBase(system),
    ]),
    ['chance', ...metrics.map((name) => (name in chance ? percent(chance[name]) : '-')), '', '', ''],
  ];
  const left = Object.entries(task.leftOut ?? {}).map(([reason, count]) => `${count} left out: ${reason}`);
  const { n, items } = { n: task.asks.length, items: new Set(task.items.map(({ id }) => id)).size };
  return [
    `${task.name} (${taskTitle(task)}): ${n} queries, ${items} items, ${task.query} -> ${task.gallery}; 95% intervals in brackets`,
    ...alignColumns(rows),
    ...systems.flatMap(({ finding }) =>
      finding && !finding.distinguishable ? [`${finding.name}: not distinguishable. ${finding.power}`] : [],
    ),
    ...slicesText(comparison),
    ...left,
    ...(Object.keys(reasons).length ? [`no row: ${reasonsText(reasons)}`] : []),
  ].join('\n');
}

const seedsOf = ({ name, seeds }: ComparedSystem): string =>
  seeds.length > 1 ? `${name}, ${seeds.length} seeds` : name;

function againstBase({ finding, won, lost }: ComparedSystem): string[] {
  if (!finding) return ['', '', ''];
  const { value, low, high } = finding.difference;
  const signed = (fraction: number) => (fraction > 0 ? `+${points(fraction)}` : points(fraction));
  const p = finding.holm < 0.001 ? '< 0.001' : finding.holm.toFixed(3);
  return [`${signed(value)} [${points(low)}, ${points(high)}]`, p, `${won.length}, ${lost.length}`];
}

/** Where each system is better: the metric on every value of the slices that divide the queries, with the best in front. */
function slicesText({ metric, systems }: TaskComparison): string[] {
  if (systems.length < 2) return [];
  return Object.entries(systems[0].slices).flatMap(([slice, values]) => {
    const shown = Object.entries(values).filter(([, { n }]) => n >= FEWEST);
    if (Object.keys(values).length < 2 || !shown.length) return [];
    const rows = shown.map(([value, { n }]) => {
      const own = systems.map(({ name, slices }) => ({ name, score: slices[slice][value].metrics[metric] }));
      const best = own.reduce((found, each) => (each.score > found.score ? each : found));
      return [`  ${value}`, String(n), ...own.map(({ score }) => percent(score)), best.name];
    });
    return alignColumns([[`by ${slice}, ${metric} %`, 'n', ...systems.map(({ name }) => name), 'best'], ...rows]);
  });
}

const reasonsText = (reasons: Record<string, string>): string =>
  Object.entries(reasons)
    .map(([name, why]) => `${name}: ${why}`)
    .join('; ');

/** The comparison as plain JSON, without vectors and inputs. */
export function comparisonJson({ tasks, skipped }: Comparison): object {
  return {
    tasks: tasks.map(({ task, metric, chance, systems, reasons }) => ({
      name: task.name,
      n: task.asks.length,
      items: new Set(task.items.map(({ id }) => id)).size,
      leftOut: task.leftOut ?? {},
      metric,
      chance,
      systems: systems.map(({ embeddings: _, answers: __, ...system }) => system),
      reasons,
    })),
    skipped,
  };
}
