import type { Found } from '../data/found.js';
import { foundLines } from '../data/found-text.js';
import type { Catalogue, Split } from '../data/types.js';
import type { Trained } from '../encoder/encoder.js';
import { mapPoints, mapVectors, retrievalCases } from '../evaluate/cases.js';
import type { Evaluation } from '../evaluate/evaluate.js';
import type { RetrievalResult } from '../evaluate/retrieval.js';
import { gallery } from '../figures/cards/gallery.js';
import type { Table } from '../figures/figure.js';
import { embeddingMap } from '../figures/maps/embedding-map.js';
import { escapeText } from '../figures/page/escape.js';
import { reportPage } from '../figures/page/page.js';
import { lossCurve } from '../figures/plots/loss-curve.js';
import { retrievalTable } from '../figures/plots/metric-table.js';
import { layoutMap } from '../maps/umap.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { StepRecord } from '../train/step-record.js';
import { byKind, notedRows } from './evaluation-text.js';

/** What a report is made of; of what is left out there is no section. */
export interface RunResults {
  trained: Trained;
  catalogue: Catalogue;
  pixels: Pixels;
  found: Found;
  /** Steps of every seed, by the seed. */
  records: ReadonlyMap<number, readonly StepRecord[]>;
  evaluation?: Evaluation;
  /** Photo to product of the first seed, for the map and the cases. */
  result?: RetrievalResult;
  /** Whose photos these are. */
  split: Split;
  previews?: Table;
}

/** The page of a run: everything in one file, nothing from the network. */
export async function runReport(title: string, results: RunResults): Promise<string> {
  const { trained, catalogue, pixels, found, records, evaluation, result, previews, split } = results;
  const curves = [...records.values()].map((steps) => ({
    // One name, so that seeds are drawn as one curve with a band.
    name: 'loss',
    steps: steps.map(({ step }) => step),
    values: steps.map(({ loss }) => loss),
  }));
  return reportPage(title, [
    { heading: 'Data', text: foundLines(found).join('\n\n') },
    ...(evaluation ? [resultsSection(evaluation)] : result ? [retrievalSection(result, split)] : []),
    ...(previews
      ? [
          {
            heading: 'What each piece gives: a preview',
            text: 'Short runs of one seed: they show that the removals run, seldom what they do. moon-lab ablate measures them with seeds and tests.',
            html: previews.html,
          },
        ]
      : []),
    { heading: 'Loss', figure: lossCurve(curves, { window: 20 }) },
    ...(result
      ? [
          { heading: 'Map', figure: await mapOf(result, catalogue, pixels, split) },
          {
            heading: 'Cases',
            html: gallery(await retrievalCases(result.rows, catalogue, pixels), 'Every so many-th photo'),
          },
        ]
      : []),
    {
      heading: 'Configuration',
      html: `<details><summary>the whole record</summary><pre>${escapeText(JSON.stringify(trained.config, null, 2))}</pre></details>`,
    },
  ]);
}

function resultsSection(evaluation: Evaluation) {
  const { seeds, split } = evaluation;
  const tables = byKind(evaluation.tasks).map(([kind, tasks], at) => {
    const { html } = retrievalTable(tasks.flatMap(notedRows), `${kind}, split ${split}`);
    // Levels and attributes in every form are dozens: the rest of the page would not be found below them.
    return at === 0 ? html : `<details><summary>${kind}: ${tasks.length} tasks</summary>${html}</details>`;
  });
  return {
    heading: 'Results',
    text: `Seeds ${seeds.join(', ')}. Intervals: cluster bootstrap over products, then their photos, then seeds. Indented lines are controls.`,
    html: tables.join('\n'),
  };
}

function retrievalSection(result: RetrievalResult, split: Split) {
  const caption = `Photos of ${split} to product, ${result.items} products`;
  return {
    heading: 'Results',
    text: 'Intervals: cluster bootstrap over products, then their photos. moon-lab evaluate has every task, with controls.',
    html: retrievalTable(notedRows({ ...result, name: 'photo to product' }), caption).html,
  };
}

/** Products and the photos of queries on one map. */
async function mapOf(result: RetrievalResult, catalogue: Catalogue, pixels: Pixels, split: Split) {
  const { vectors, count, width } = mapVectors(result);
  const { coordinates, trustworthiness, overlap } = await layoutMap(vectors, count, width, { seed: 1 });
  const points = await mapPoints(result, coordinates, catalogue, pixels);
  return embeddingMap(points, { title: `Products and photos of ${split}`, trustworthiness, overlap });
}
