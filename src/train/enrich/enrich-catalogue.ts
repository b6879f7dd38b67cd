import type { MoonConfig } from '../../config/config.js';
import { withSteps } from '../../config/with-steps.js';
import { ImageError } from '../../data/images/image-file.js';
import { askedProducts } from '../../data/training-set.js';
import type { Catalogue, Enriched, Product, ProductImage } from '../../data/types.js';
import { dataSetOf } from '../../datasets/index.js';
import { type PrepareOptions, prepare } from '../../encoder/prepare.js';
import { randomStream } from '../../engine/random.js';
import { captions } from '../../objectives/captions/captions.js';
import { openSegmenter, type Segmenter } from '../../regions/segmentation.js';
import { train } from '../loop.js';
import { openConsistency } from './consistency.js';
import { cutOutViews } from './cut-out-views.js';
import { enriches, enrichOption } from './option.js';
import { writeCaptions } from './write-captions.js';

/** Something generated that was not kept. */
export interface Dropped {
  product: string;
  /** The id of the view, or the generated text. */
  what: string;
  /** With what it was made from. */
  cosine: number;
}

/** What was generated and what of it was kept. */
export interface EnrichReport {
  views: { made: number; dropped: Dropped[]; without: string[] };
  titles: { made: number; dropped: Dropped[]; without: string[] };
}

/** A catalogue whose products of training have generated views and texts (`Catalogue.enriched`). */
export interface EnrichedCatalogue {
  catalogue: Catalogue;
  /** Undefined if the config generates nothing. */
  report?: EnrichReport;
}

/**
 * Add the views and texts that a config generates (`enrich`) to the products that have training queries. The same config, data and seed give
 * the same ones.
 * @throws UserError for a network that is missing, and if interrupted
 */
export async function enrichCatalogue(
  config: MoonConfig,
  catalogue: Catalogue,
  options: Pick<PrepareOptions, 'onProgress' | 'signal' | 'drawings'> = {},
): Promise<EnrichedCatalogue> {
  if (!enriches(config.enrich)) return { catalogue };
  const option = enrichOption(config.enrich);
  const products = askedProducts(catalogue);
  const report: EnrichReport = {
    views: { made: 0, dropped: [], without: [] },
    titles: { made: 0, dropped: [], without: [] },
  };
  const views = await generateViews(option, config.seed, catalogue, products, report, options.signal);
  const titles = await generateTitles(option, config, catalogue, products, options);
  const enriched = new Map<string, Enriched>();
  const check = await openConsistency(option.consistency);
  try {
    for (const [at, product] of products.entries()) {
      options.signal?.throwIfAborted();
      const made = views[at];
      const title = titles[at];
      const near = check && made.length ? await check.ofViews(product.images[0], made) : made.map(() => 1);
      const kept = made.filter((_, view) => near[view] >= (check?.minView ?? -1));
      report.views.made += made.length;
      made.forEach(({ id }, view) => {
        if (!kept.includes(made[view]))
          report.views.dropped.push({ product: product.id, what: id, cosine: near[view] });
      });
      const fits = title && check && product.title ? check.ofTitles(product.title, title) : 1;
      const keepsTitle = Boolean(title) && fits >= (check?.minTitle ?? -1);
      if (title) report.titles.made++;
      else if (option.titles.kind !== 'none') report.titles.without.push(product.id);
      if (title && !keepsTitle) report.titles.dropped.push({ product: product.id, what: title, cosine: fits });
      enriched.set(product.id, { views: kept, ...(keepsTitle && { title }) });
    }
  } finally {
    check?.dispose();
  }
  return { catalogue: { ...catalogue, enriched }, report };
}

/** Views of each product; none of a product without a readable image in which the segmentation finds something. */
async function generateViews(
  { views }: ReturnType<typeof enrichOption>,
  seed: number,
  catalogue: Catalogue,
  products: readonly Product[],
  report: EnrichReport,
  signal?: AbortSignal,
): Promise<ProductImage[][]> {
  if (views.kind === 'none') return products.map(() => []);
  const { redraw } = dataSetOf(catalogue);
  if (redraw) return products.map(({ id }) => redraw(catalogue, id, views.count));
  const segmenter = await openSegmenter(views.model);
  const stream = randomStream(seed, 'redraw');
  const made: ProductImage[][] = [];
  try {
    for (const product of products) {
      signal?.throwIfAborted();
      const own = await viewsOf(product, views.count, segmenter, stream);
      if (!own.length) report.views.without.push(product.id);
      made.push(own);
    }
  } finally {
    segmenter.dispose();
  }
  return made;
}

async function viewsOf(
  { id, images: [main] }: Product,
  count: number,
  segmenter: Segmenter,
  stream: ReturnType<typeof randomStream>,
): Promise<ProductImage[]> {
  if (!main) return [];
  try {
    return await cutOutViews(main, id, count, segmenter, stream);
  } catch (error) {
    if (error instanceof ImageError) return [];
    throw error;
  }
}

/** A generated text of each product; empty where there is none. */
async function generateTitles(
  { titles }: ReturnType<typeof enrichOption>,
  config: MoonConfig,
  catalogue: Catalogue,
  products: readonly Product[],
  { onProgress, ...options }: Pick<PrepareOptions, 'onProgress' | 'signal' | 'drawings'>,
): Promise<string[]> {
  if (titles.kind === 'none') return products.map(() => '');
  const { steps } = titles;
  const learning = withSteps({ ...config, captioning: { kind: 'none' }, enrich: {} }, steps);
  const { encoder, pixels } = await prepare(learning, catalogue, onProgress, options);
  try {
    await train(encoder, catalogue, pixels, { stages: [{ objective: captions, steps }], signal: options.signal });
    options.signal?.throwIfAborted();
    return await writeCaptions(encoder, products, pixels, titles.tokens, options.signal);
  } finally {
    encoder.parameters.dispose();
  }
}

/** The report in a few words: `162 views made, 12 dropped; 81 titles made, 30 dropped`. */
export function enrichText({ views, titles }: EnrichReport): string {
  const said = (what: string, { made, dropped, without }: EnrichReport['views']) =>
    made || without.length
      ? [
          `${made} ${what} generated, ${dropped.length} dropped${without.length ? `, none for ${without.length} products` : ''}`,
        ]
      : [];
  return [...said('views', views), ...said('texts', titles)].join('; ');
}
