import { join } from 'node:path';
import { withoutImages } from '../data/drop-missing.js';
import { type Catalogue, queryForm, type Split } from '../data/types.js';
import { isReadable } from '../evaluate/controls.js';
import { embedOnce } from '../evaluate/embed-once.js';
import { type RetrievalResult, retrieval } from '../evaluate/retrieval.js';
import { writePage } from '../figures/page/write-page.js';
import { saveEmbeddings } from '../search/embeddings-file.js';
import { writeRunChecksums } from '../store/run-checksums.js';
import type { EmbeddedInput } from '../tasks/task.js';
import type { FinishedRun } from '../train/run/train-run.js';
import { runReport } from './run-report.js';

/**
 * Write `embeddings/` and `report.html` into the folder of a run. If the split has photo queries, the report includes their retrieval.
 * @returns path of the report
 */
export async function saveResults(
  folder: string,
  run: FinishedRun,
  catalogue: Catalogue,
  split: Split,
): Promise<string> {
  const { encoder, pixels, found, records } = run;
  await embedRun(folder, run, catalogue, split);
  const shown = withoutImages(catalogue, pixels.missing);
  const result = await photoRetrieval(run, shown, split);
  const path = join(folder, 'report.html');
  const seeds = new Map([[encoder.config.seed, records]]);
  writePage(
    path,
    await runReport(`MOON on ${catalogue.adapter}`, {
      encoder,
      catalogue: shown,
      pixels,
      found,
      records: seeds,
      result,
      split,
    }),
  );
  writeRunChecksums(folder);
  return path;
}

/** The retrieval of products by the photo queries of a split; undefined if it has none. */
export async function photoRetrieval(
  { encoder, pixels }: Pick<FinishedRun, 'encoder' | 'pixels'>,
  catalogue: Catalogue,
  split: Split,
): Promise<RetrievalResult | undefined> {
  const asks = catalogue.pairs.some((pair) => pair.split === split && queryForm(pair.query) === 'image');
  return asks ? retrieval(encoder, catalogue, pixels, { split }) : undefined;
}

/** Save the embeddings of all products as `products` and of the split's queries as `queries`. Empty inputs are left out. */
export async function embedRun(
  folder: string,
  { encoder, pixels }: Pick<FinishedRun, 'encoder' | 'pixels'>,
  catalogue: Catalogue,
  split: Split,
): Promise<void> {
  const shown = withoutImages(catalogue, pixels.missing);
  const products = shown.products.map((product): EmbeddedInput => ({ kind: 'product', product })).filter(isReadable);
  const queries = shown.pairs
    .filter((pair) => pair.split === split)
    .map(({ query }): EmbeddedInput => ({ kind: 'query', query }))
    .filter(isReadable);
  const store = await embedOnce(encoder, [...products, ...queries], pixels);
  saveEmbeddings(folder, {
    products: store.of(products.map(idOf), products),
    queries: store.of(queries.map(idOf), queries),
  });
}

const idOf = (input: EmbeddedInput) => (input.kind === 'query' ? input.query.id : input.product.id);
