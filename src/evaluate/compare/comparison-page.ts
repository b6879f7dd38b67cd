import { UserError } from '../../checks/error.js';
import type { Catalogue } from '../../data/types.js';
import { galleryChanges } from '../../figures/cards/gallery-changes.js';
import { reportPage, type Section } from '../../figures/page/page.js';
import { forestPlot } from '../../figures/plots/forest-plot.js';
import { retrievalTable } from '../../figures/plots/metric-table.js';
import type { Pixels } from '../../pictures/picture-store.js';
import { fractionsOf } from '../../tasks/kinds/index.js';
import { forestRow } from '../contrast/forest-row.js';
import { taskTitle } from '../summary/titles.js';
import type { Comparison, TaskComparison } from './compare.js';
import { comparedMaps } from './compared-maps.js';
import { comparisonText } from './comparison-text.js';
import { flippedRows } from './flipped.js';

/** A comparison as a self-contained HTML page: tables, differences, the queries that flipped with pictures, and both maps. */
export async function comparisonPage(comparison: Comparison, catalogue: Catalogue, pixels: Pixels): Promise<string> {
  const { tasks } = comparison;
  if (!tasks.length) throw new UserError('compare: no task was compared, so there is no page.');
  const names = tasks[0].systems.map(({ name }) => name).join(', ');
  const sections: Section[] = [];
  for (const task of tasks) sections.push(...(await taskSections(task, catalogue, pixels)));
  return reportPage(`Comparison of ${names}`, [
    ...sections,
    { heading: 'In words', html: '', text: comparisonText(comparison).replaceAll('\n', '\n\n') },
  ]);
}

async function taskSections(comparison: TaskComparison, catalogue: Catalogue, pixels: Pixels): Promise<Section[]> {
  const { task, metric, chance, systems } = comparison;
  const [base, ...others] = systems;
  const title = taskTitle(task);
  const n = task.asks.length;
  const rows = systems.map(({ name, metrics }) => ({ name, n, chance, metrics: fractionsOf(task.kind, metrics) }));
  const findings = others.flatMap(({ finding }) => finding ?? []);
  const forest = findings.map(forestRow(n));
  const sections: Section[] = [
    {
      heading: title,
      html: retrievalTable(rows, `${task.query} -> ${task.gallery}`).html,
      ...(forest.length
        ? { figure: forestPlot(forest, { title: `${metric} against ${base.name}`, metric, base: base.name }) }
        : {}),
    },
  ];
  for (const other of others) {
    const changed = await flippedRows(comparison, other, catalogue, pixels);
    if (changed.length)
      sections.push({
        heading: `${title}: queries that flipped, ${base.name} and ${other.name}`,
        text: `${other.won.length} queries are right first with ${other.name} alone, ${other.lost.length} with ${base.name} alone.${[base, other].some(({ seeds }) => seeds.length > 1) ? ' That counts at least half of the seeds; shown is the first.' : ''}`,
        html: galleryChanges(changed, { names: [base.name, other.name], max: changed.length }),
      });
    const figure = await comparedMaps(base, other, catalogue, pixels);
    if (figure) sections.push({ heading: `${title}: both maps of the items`, figure });
  }
  return sections;
}
