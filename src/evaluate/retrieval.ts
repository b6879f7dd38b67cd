import type { Catalogue, Split } from '../data/types.js';
import type { Encoder } from '../encoder/encoder.js';
import { summarised } from '../engine/summary.js';
import type { Pixels } from '../pictures/picture-store.js';
import { photoToProduct } from '../tasks/catalogue-tasks.js';
import { fractionsOf } from '../tasks/kinds/index.js';
import { evaluateTasks } from './evaluate.js';
import type { RankedEmbeddings, Row, TaskResult } from './task-result.js';

export interface RetrievalOptions {
  /** Which pairs ask: photos of this split. */
  split: Split;
}

/** Photo to product of one network, in hand: a row a photo, and what was ranked. `metrics` are fractions. */
export interface RetrievalResult extends TaskResult {
  rows: Row[];
  embeddings: RankedEmbeddings;
}

/**
 * Photo -> product: every photo of the split that could be read, image and crop alone, against every product of the catalogue
 * (protocol G1) that shows anything. Short for `evaluateTasks` with that one task, without controls, with rows and embeddings: what
 * cases and maps are made of.
 * @throws UserError when the split has no photo.
 */
export async function retrieval(
  trained: Encoder,
  catalogue: Catalogue,
  pixels: Pixels,
  { split }: RetrievalOptions,
): Promise<RetrievalResult> {
  const options = { split, tasks: photoToProduct, controls: false, rows: true, embeddings: true };
  const [task] = (await evaluateTasks(trained, catalogue, pixels, options)).tasks;
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
