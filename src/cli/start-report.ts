import { thumbnail } from '../data/thumbnail.js';
import type { Catalogue, ProductImage } from '../data/types.js';
import { type RetrievalOptions, type RetrievalResult, retrieval } from '../evaluate/retrieval.js';
import { layoutMap } from '../evaluate/umap.js';
import { embeddingMap } from '../figures/embedding-map.js';
import { escapeText } from '../figures/escape.js';
import type { Table } from '../figures/figure.js';
import { type GalleryRow, gallery } from '../figures/gallery.js';
import { lossCurve } from '../figures/loss-curve.js';
import { type MetricRow, retrievalTable } from '../figures/metric-table.js';
import { reportPage } from '../figures/page.js';
import type { StepRecord, Trained } from '../train/loop.js';
import type { Pixels } from '../train/pixels.js';

/** Cases shown: this many validation queries, evenly spread over the split, not chosen by their outcome. */
const CASES = 12;

/** One line of the table: photo -> product on the validation photos. */
export async function measure(
  trained: Trained,
  catalogue: Catalogue,
  pixels: Pixels,
  name: string,
  control: Partial<RetrievalOptions> = {},
): Promise<MetricRow & { result: RetrievalResult }> {
  const result = await retrieval(trained, catalogue, pixels, { split: 'val', ...control });
  return { name, n: result.n, chance: result.chance, metrics: result.metrics, result };
}

/** The page of a finished run, and its table. */
export async function reportFor(
  trained: Trained,
  catalogue: Catalogue,
  pixels: Pixels,
  records: StepRecord[],
  untrained: MetricRow,
): Promise<{ page: string; table: Table }> {
  const moon = await measure(trained, catalogue, pixels, 'MOON');
  const controls = [
    await measure(trained, catalogue, pixels, 'products without text', {
      withhold: ['title', 'category', 'attributes'],
    }),
    await measure(trained, catalogue, pixels, 'products without image', { withhold: ['image'] }),
    await measure(trained, catalogue, pixels, 'query photos shuffled', { shuffled: true }),
    untrained,
  ];
  const { n, products, gallery: size } = moon.result;
  const caption = `Photo to product: ${n} validation photos of ${products} products against ${size} products (seen products, new photos)`;
  const table = retrievalTable([moon, ...controls], caption);
  const thumbnails = thumbnailsOf(pixels);
  const page = reportPage('MOON on the grocery pack', [
    {
      heading: 'Retrieval',
      text: 'Intervals: cluster bootstrap over products, then their photos. One seed.',
      html: table.html,
    },
    {
      heading: 'Loss',
      figure: lossCurve(
        [{ name: 'InfoNCE', steps: records.map(({ step }) => step), values: records.map(({ loss }) => loss) }],
        {
          window: 20,
        },
      ),
    },
    { heading: 'Map', figure: await mapOf(moon.result, catalogue, thumbnails) },
    {
      heading: 'Cases',
      html: gallery(await casesOf(moon.result, catalogue, pixels, thumbnails), 'Every so many-th validation photo'),
    },
    {
      heading: 'Configuration',
      html: `<details><summary>the whole record</summary><pre>${escapeText(JSON.stringify(trained.config, null, 2))}</pre></details>`,
    },
  ]);
  return { page, table };
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

/** Products and validation photos on one map. */
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
  return embeddingMap(await Promise.all(points), { title: 'Products and validation photos', trustworthiness, overlap });
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
