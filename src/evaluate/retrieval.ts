import type { Catalogue, Split } from '../data/types.js';
import type { Encoder } from '../encoder/encoder.js';
import { summarised } from '../engine/summary.js';
import type { Pixels } from '../pictures/picture-store.js';
import { photoToProduct } from '../tasks/catalogue-tasks.js';
import { fractionsOf } from '../tasks/kinds/index.js';
import { evaluateTasks } from './evaluate.js';
import type { RankedEmbeddings, Row, TaskResult } from './task-result.js';

export interface RetrievalOptions {
  /** The split whose photos are queries. */
  split: Split;
}

/** The result of `retrieval`, with a row per photo and the embeddings. `metrics` contains only fractions. */
export interface RetrievalResult extends TaskResult {
  rows: Row[];
  embeddings: RankedEmbeddings;
}

/**
 * Photo -> product retrieval (protocol G1): every readable photo of the split, image and crop alone, against every product of the catalogue
 * that has any content. Short for `evaluateTasks` with this one task, without controls, with rows and embeddings for cases and maps.
 * @throws UserError if the split has no photo
 */
export async function retrieval(
  encoder: Encoder,
  catalogue: Catalogue,
  pixels: Pixels,
  { split }: RetrievalOptions,
): Promise<RetrievalResult> {
  const options = { split, tasks: photoToProduct, controls: false, rows: true, embeddings: true };
  const [task] = (await evaluateTasks(encoder, catalogue, pixels, options)).tasks;
  const { kind, metrics, rows = [], embeddings } = task;
  return summarised({ ...task, metrics: fractionsOf(kind, metrics), rows, embeddings: embeddings! }, retrievalSummary);
}

function retrievalSummary({ n, rows, items, metrics, leftOut = {} }: RetrievalResult): string {
  const percent = (fraction: number) => (100 * fraction).toFixed(1);
  const all = Object.entries(metrics).map(
    ([name, { value, low, high }]) => `${name} ${percent(value)} [${percent(low)}, ${percent(high)}]`,
  );
  const without = Object.entries(leftOut).map(([reason, count]) => `; ${count} left out: ${reason}`);
  const products = new Set(rows.map(({ product }) => product)).size;
  return `Retrieval of ${items} products by ${n} photos of ${products} products, in percent: ${all.join(', ')}${without.join('')}`;
}
