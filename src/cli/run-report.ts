import { thumbnail } from '../data/thumbnail.js';
import type { Catalogue, ProductImage } from '../data/types.js';
import type { Evaluation } from '../evaluate/evaluate.js';
import type { RetrievalResult } from '../evaluate/retrieval.js';
import { layoutMap } from '../evaluate/umap.js';
import { embeddingMap } from '../figures/embedding-map.js';
import { escapeText } from '../figures/escape.js';
import type { Table } from '../figures/figure.js';
import { type GalleryRow, gallery } from '../figures/gallery.js';
import { lossCurve } from '../figures/loss-curve.js';
import { retrievalTable } from '../figures/metric-table.js';
import { reportPage } from '../figures/page.js';
import type { StepRecord } from '../train/loop.js';
import type { Pixels } from '../train/pixels.js';
import type { Trained } from '../train/trained.js';
import { rowsOfTask } from './evaluation-text.js';

/** Cases shown: this many queries, evenly spread over the split, not chosen by their outcome. */
const CASES = 12;

/** What a report is made of; of what is left out there is no section. */
export interface RunResults {
  trained: Trained;
  catalogue: Catalogue;
  pixels: Pixels;
  /** Steps of every seed, by the seed. */
  records: ReadonlyMap<number, readonly StepRecord[]>;
  evaluation?: Evaluation;
  /** Photo to product of the first seed, for the map and the cases. */
  result?: RetrievalResult;
  previews?: Table;
}

/** The page of a run: everything in one file, nothing from the network. */
export async function runReport(title: string, results: RunResults): Promise<string> {
  const { trained, catalogue, pixels, records, evaluation, result, previews } = results;
  const thumbnails = thumbnailsOf(pixels);
  const curves = [...records].map(([seed, steps]) => ({
    name: `seed ${seed}`,
    steps: steps.map(({ step }) => step),
    values: steps.map(({ loss }) => loss),
  }));
  return reportPage(title, [
    ...(evaluation ? [resultsSection(evaluation)] : result ? [retrievalSection(result)] : []),
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
          { heading: 'Map', figure: await mapOf(result, catalogue, thumbnails) },
          {
            heading: 'Cases',
            html: gallery(await casesOf(result, catalogue, pixels, thumbnails), 'Every so many-th photo'),
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
  const tables = (['retrieval', 'classification'] as const).flatMap((kind) => {
    const rows = evaluation.tasks.filter((task) => task.kind === kind).flatMap(rowsOfTask);
    return rows.length ? [retrievalTable(rows, `${kind}, split ${split}`).html] : [];
  });
  return {
    heading: 'Results',
    text: `Seeds ${seeds.join(', ')}. Intervals: cluster bootstrap over products, then their photos, then seeds. Indented lines are controls.`,
    html: tables.join('\n'),
  };
}

function retrievalSection({ n, chance, metrics, gallery }: RetrievalResult) {
  const caption = `Photo to product, ${gallery} products`;
  return {
    heading: 'Results',
    text: 'Intervals: cluster bootstrap over products, then their photos. moon-lab evaluate has every task, with controls.',
    html: retrievalTable([{ name: 'photo to product', n, chance, metrics }], caption).html,
  };
}

type Thumbnails = (image: ProductImage) => Promise<string>;

function thumbnailsOf(pixels: Pixels): Thumbnails {
  const made = new Map<string, Promise<string>>();
  return (image) => {
    const known = made.get(image.id) ?? thumbnail(pixels.rasterOf({ image }));
    made.set(image.id, known);
    return known;
  };
}

/** Products and the photos that asked for them on one map. */
async function mapOf({ queries, items, ranks }: RetrievalResult, catalogue: Catalogue, thumbnails: Thumbnails) {
  const productOf = new Map(catalogue.products.map((product) => [product.id, product]));
  const photoOf = photosById(catalogue);
  const vectors = new Float32Array(items.vectors.length + queries.vectors.length);
  vectors.set(items.vectors);
  vectors.set(queries.vectors, items.vectors.length);
  const names = [
    ...items.ids.map((id) => ({ id, kind: 'product' })),
    ...queries.ids.map((id) => ({ id, kind: 'photo' })),
  ];
  const { coordinates, trustworthiness, overlap } = await layoutMap(vectors, names.length, items.width, { seed: 1 });
  const points = names.map(async ({ id, kind }, at) => {
    const product = productOf.get(kind === 'product' ? id : ranks[at - items.ids.length].gold)!;
    const image = kind === 'product' ? product.images[0] : photoOf.get(id)!;
    return {
      x: coordinates[2 * at],
      y: coordinates[2 * at + 1],
      label: product.title,
      group: product.category[0] ?? 'no category',
      kind,
      thumbnail: await thumbnails(image),
    };
  });
  return embeddingMap(await Promise.all(points), { title: 'Products and photos', trustworthiness, overlap });
}

async function casesOf({ ranks }: RetrievalResult, catalogue: Catalogue, pixels: Pixels, thumbnails: Thumbnails) {
  const productOf = new Map(catalogue.products.map((product) => [product.id, product]));
  const photoOf = photosById(catalogue);
  const chosen = ranks.filter((_, at) => at % Math.ceil(ranks.length / CASES) === 0);
  return Promise.all(
    chosen.map(async ({ query, gold, before, top }): Promise<GalleryRow> => {
      const photo = photoOf.get(query)!;
      return {
        query: { label: productOf.get(gold)!.title, thumbnail: await thumbnails(photo), box: pixels.boxOf(photo) },
        rank: before + 1,
        results: await Promise.all(
          top.slice(0, 5).map(async ({ id, similarity }) => {
            const { title, images } = productOf.get(id)!;
            return { label: title, thumbnail: await thumbnails(images[0]), score: similarity, hit: id === gold };
          }),
        ),
      };
    }),
  );
}

function photosById(catalogue: Catalogue): Map<string, ProductImage> {
  return new Map(catalogue.pairs.flatMap(({ query }) => (query.image ? [[query.id, query.image] as const] : [])));
}
