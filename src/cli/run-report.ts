import { publishedStudy } from '../ablate/report/published-study.js';
import { type Found, isIncomplete } from '../data/found.js';
import { foundLines } from '../data/found-text.js';
import type { Catalogue, Split } from '../data/types.js';
import type { Encoder } from '../encoder/encoder.js';
import { mapPoints, mapVectors, retrievalCases } from '../evaluate/cases.js';
import type { Evaluation } from '../evaluate/evaluate.js';
import { expertsOf, regionsOf, similaritiesOf } from '../evaluate/pieces.js';
import type { RetrievalResult } from '../evaluate/retrieval.js';
import { byKind, notedRows } from '../evaluate/summary/metric-rows.js';
import { resultSentence } from '../evaluate/summary/result-sentence.js';
import { type EvaluationSummary, plainMetric, summaryOf } from '../evaluate/summary/summary.js';
import { controlTitle, splitTitle, taskTitle } from '../evaluate/summary/titles.js';
import { gallery } from '../figures/cards/gallery.js';
import { regionPairs } from '../figures/cards/region-pairs.js';
import type { Figure } from '../figures/figure.js';
import { embeddingMap } from '../figures/maps/embedding-map.js';
import { escapeText } from '../figures/page/escape.js';
import { reportPage, type Section } from '../figures/page/page.js';
import { expertLoad } from '../figures/plots/expert-load.js';
import { lossCurve } from '../figures/plots/loss-curve.js';
import { retrievalTable } from '../figures/plots/metric-table.js';
import { type ChartedScore, scoreChart } from '../figures/plots/score-chart.js';
import { similarityCurve } from '../figures/plots/similarity-curve.js';
import { layoutMap } from '../maps/umap.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { StepRecord } from '../train/step-record.js';

/** What a report shows. An absent field leaves its section out. */
export interface RunResults {
  encoder: Encoder;
  catalogue: Catalogue;
  pixels: Pixels;
  found: Found;
  /** Step records by seed. */
  records: ReadonlyMap<number, readonly StepRecord[]>;
  evaluation?: Evaluation;
  /** Photo-to-product retrieval of the first seed, for the map and the cases. */
  result?: RetrievalResult;
  /** The split of `result`. */
  split: Split;
  /** Name of a ready study, whose published table shows what each piece contributes. */
  study?: string;
}

/** The report of a run as one self-contained HTML page: the result first, details last. */
export async function runReport(title: string, results: RunResults): Promise<string> {
  const { encoder, catalogue, found, records, result, split } = results;
  const tasks = results.evaluation?.tasks ?? (result ? [result] : []);
  const measured = tasks.length ? { data: catalogue.adapter, split, tasks } : undefined;
  const data: Section = { heading: 'Data', text: foundLines(found).join('\n\n') };
  // If part of the data was not found, the page says so before the result.
  const first = isIncomplete(found);
  return reportPage(title, [
    ...(first ? [data] : []),
    ...(measured ? [resultSection(summaryOf(measured))] : []),
    ...(result ? await imageSections(result, results) : []),
    ...(await pieceSections(results)),
    ...(measured ? [tasksSection(measured.tasks, results.evaluation?.seeds ?? [encoder.config.seed])] : []),
    ...(records.size ? [{ heading: 'Training loss', figure: lossOf(records) }] : []),
    ...(first ? [] : [data]),
    {
      heading: 'Configuration',
      html: `<details><summary>every option of this run</summary><pre>${escapeText(JSON.stringify(encoder.config, null, 2))}</pre></details>`,
    },
  ]);
}

function resultSection(summary: EvaluationSummary): Section {
  return { heading: 'Result', text: resultSentence(summary), figure: headlineChart(summary) };
}

/** The headline task with its controls and other methods, on the metric that readers know best. */
function headlineChart({ headline, rivals }: EvaluationSummary): Figure {
  const { n, metrics, controls, chance } = headline;
  const metric = plainMetric(headline);
  const scores: ChartedScore[] = [
    { name: 'this network', ...metrics[metric], role: 'own' },
    ...Object.entries(controls).flatMap(([name, own]): ChartedScore[] =>
      own ? [{ name: controlTitle(name), ...own[metric], role: 'control' }] : [],
    ),
    ...rivals
      .filter((rival) => metric in rival.metrics)
      .map((rival): ChartedScore => ({ name: rival.name, value: rival.metrics[metric], role: 'rival' })),
  ];
  return scoreChart(scores, { title: taskTitle(headline), metric, n, chance: chance[metric] });
}

/** The sections with the embedding map and example queries. */
async function imageSections(result: RetrievalResult, { catalogue, pixels, split }: RunResults): Promise<Section[]> {
  const cases = await retrievalCases(result.rows, catalogue, pixels);
  return [
    {
      heading: 'Map of the embeddings',
      text: 'Each point is a product or a photo; near points have similar embeddings. The axes have no unit. Zoom in, click the legend, hover to see pictures.',
      figure: await mapOf(result, catalogue, pixels, split),
    },
    {
      heading: 'Cases',
      text: 'Photos at equal intervals through the split, not selected by result. The box is the core region that the network sees as a crop; next to each photo are its nearest products.',
      html: gallery(cases, 'Photos and their nearest products'),
    },
  ];
}

/** What MOON's pieces do in this network, and what each contributes according to a published study. */
async function pieceSections({ encoder, catalogue, pixels, records, study }: RunResults): Promise<Section[]> {
  const pairs = await regionsOf(catalogue, pixels);
  const { loads, names } = await expertsOf(encoder, catalogue, pixels);
  const [steps] = records.values();
  const series = similaritiesOf(steps ?? []);
  const published = study === undefined ? undefined : publishedStudy(study);
  const { products, queries } = encoder.config.sampler;
  return [
    ...(pairs.length
      ? [{ heading: 'Piece 1: core regions', html: regionPairs(pairs, 'What the network sees of a product') }]
      : []),
    ...(loads.length
      ? [
          {
            heading: 'Piece 2: experts',
            text: 'Category tokens and attribute tokens each have their own expert; a gate routes all other tokens.',
            figure: expertLoad(loads, 'Which experts read which aspect', names),
          },
        ]
      : []),
    ...(series.length
      ? [
          {
            heading: 'Piece 3: negatives',
            text: 'The similarity to the bought product (dashed) should rise above that to every kind of negative.',
            figure: similarityCurve(series, products * queries),
          },
        ]
      : []),
    ...(published
      ? [
          {
            heading: 'What each piece contributes',
            text: `One run cannot show this. A study can; it was run once for this repository: ${published.text}\n\nRun it yourself: ${published.command}`,
            html: published.table.html,
          },
        ]
      : []),
  ];
}

/** Tables of all tasks, collapsed by kind, since there can be dozens. */
function tasksSection(tasks: Evaluation['tasks'], seeds: readonly number[]): Section {
  const tables = byKind(tasks).map(([kind, own]) => {
    const { html } = retrievalTable(own.flatMap(notedRows), `Tasks of ${kind}`);
    return `<details><summary>${escapeText(kind)}: ${own.length} ${own.length === 1 ? 'task' : 'tasks'}</summary>${html}</details>`;
  });
  return {
    heading: 'All tasks',
    text: `Seed${seeds.length > 1 ? 's' : ''} ${seeds.join(', ')}. Intervals: 95%, cluster bootstrap over products, then their photos, then seeds. Indented rows are controls.`,
    html: tables.join('\n'),
  };
}

function lossOf(records: RunResults['records']): Figure {
  const curves = [...records.values()].map((steps) => ({
    // The same name for all seeds draws them as one curve with a band.
    name: 'loss',
    steps: steps.map(({ step }) => step),
    values: steps.map(({ loss }) => loss),
  }));
  return lossCurve(curves, { window: 20 });
}

/** A map of all products and the query photos. */
async function mapOf(result: RetrievalResult, catalogue: Catalogue, pixels: Pixels, split: Split): Promise<Figure> {
  const { vectors, count, width } = mapVectors(result);
  const layout = await layoutMap(vectors, count, width, { seed: 1 });
  const points = await mapPoints(result, layout.coordinates, catalogue, pixels, { rows: layout.landmarks });
  return embeddingMap(points, { title: `Products and photos of the ${splitTitle[split]} split`, ...layout });
}
