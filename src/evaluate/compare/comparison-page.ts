import { UserError } from '../../checks/error.js';
import type { Catalogue } from '../../data/types.js';
import { galleryChanges } from '../../figures/cards/gallery-changes.js';
import type { Figure } from '../../figures/figure.js';
import { mapComparison } from '../../figures/maps/map-comparison.js';
import { reportPage, type Section } from '../../figures/page/page.js';
import { forestPlot } from '../../figures/plots/forest-plot.js';
import { retrievalTable } from '../../figures/plots/metric-table.js';
import { alignMaps } from '../../maps/align-maps.js';
import { keptNeighbours } from '../../maps/neighbour-change.js';
import { layoutMap } from '../../maps/umap.js';
import type { Pixels } from '../../pictures/picture-store.js';
import { fractionsOf } from '../../tasks/kinds/index.js';
import { cardsOf } from '../cases.js';
import { taskTitle } from '../summary/titles.js';
import type { ComparedSystem, Comparison, TaskComparison } from './compare.js';
import { comparisonText } from './comparison-text.js';
import { flippedRows } from './flipped.js';

/** Neighbours compared around each point, and items that a map needs at least. */
const NEIGHBOURS = 10;
const FEWEST = 20;

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
  const forest = findings.map(({ name, difference: { value, low, high } }) => ({
    name,
    difference: value,
    low,
    high,
    n,
  }));
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
        text: `${other.won.length} queries are right first with ${other.name} alone, ${other.lost.length} with ${base.name} alone.`,
        html: galleryChanges(changed, { names: [base.name, other.name], max: changed.length }),
      });
    const figure = await itemMaps(base, other, catalogue, pixels);
    if (figure) sections.push({ heading: `${title}: both maps of the items`, figure });
  }
  return sections;
}

/** The items on the maps of two systems, the second aligned to the first. */
async function itemMaps(
  base: ComparedSystem,
  other: ComparedSystem,
  catalogue: Catalogue,
  pixels: Pixels,
): Promise<Figure | undefined> {
  const [one, two] = [base, other].map(({ embeddings }) => embeddings?.items);
  const cards = cardsOf(catalogue, pixels);
  if (!one || !two || one.ids.length < FEWEST || !one.ids.every((id) => cards.productOf.has(id))) return undefined;
  const count = one.ids.length;
  const [first, second] = [
    await layoutMap(one.vectors, count, one.width),
    await layoutMap(two.vectors, count, two.width),
  ];
  const { coordinates, moved, disparity } = alignMaps(first.coordinates, second.coordinates);
  const kept = await keptNeighbours(one.vectors, two.vectors, count, NEIGHBOURS);
  const at = (map: Float32Array, row: number): [number, number] => [map[2 * row], map[2 * row + 1]];
  const points = await Promise.all(
    one.ids.map(async (id, row) => {
      const product = cards.productOf.get(id)!;
      return {
        label: product.title || id,
        group: product.category[0] ?? 'no category',
        before: at(first.coordinates, row),
        after: at(coordinates, row),
        moved: moved[row],
        kept: kept[row],
        thumbnail: await cards.thumbnailOf(cards.imageOf(product)),
      };
    }),
  );
  return mapComparison(points, {
    names: [base.name, other.name],
    disparity,
    trustworthiness: [first.trustworthiness, second.trustworthiness],
  });
}
