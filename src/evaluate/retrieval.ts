import { UserError, wrongOption } from '../checks/error.js';
import { countPairs } from '../data/found.js';
import { formsText } from '../data/found-text.js';
import type { Catalogue, QueryForm, Split } from '../data/types.js';
import type { Encoder } from '../encoder/encoder.js';
import { summarised } from '../engine/summary.js';
import type { Pixels } from '../pictures/picture-store.js';
import { queryToProduct } from '../tasks/catalogue-tasks.js';
import { fractionsOf } from '../tasks/kinds/index.js';
import { evaluateTasks } from './evaluate.js';
import type { RankedEmbeddings, Row, TaskResult } from './task-result.js';

export interface RetrievalOptions {
  /** The split whose queries are asked. */
  split: Split;
  /** Which of them: photos, texts, or photos with texts. Default `image`. */
  form?: QueryForm;
}

/** The result of `retrieval`, with a row per query and the embeddings. `metrics` contains only fractions. */
export interface RetrievalResult extends TaskResult {
  rows: Row[];
  embeddings: RankedEmbeddings;
}

/**
 * Query -> product retrieval: every query of one form of the split against every product of the catalogue that has any content. By photos it is
 * protocol G1. Short for `evaluateTasks` with this one task, without controls, with rows and embeddings for cases and maps.
 * @throws UserError if the split has no such query
 * @example
 * ```ts
 * const catalogue = await moon.openCatalogue(moon.GROCERY_PACK);
 * const encoder = moon.loadBest('runs/start/seed-1');
 * const pixels = await moon.encoder.preparePixels(encoder.config, catalogue);
 * const result = await moon.retrieval(encoder, catalogue, pixels, { split: 'dev' });
 * console.log(result.metrics['R@10']);
 * ```
 */
export async function retrieval(
  encoder: Encoder,
  catalogue: Catalogue,
  pixels: Pixels,
  { split, form = 'image' }: RetrievalOptions,
): Promise<RetrievalResult> {
  const asks = countPairs(catalogue.pairs)[split];
  if (!(form in asked)) throw wrongOption('form', form, Object.keys(asked).join(' | '));
  if (asks && !asks[form])
    throw new UserError(
      `form: split '${split}' has no ${form} queries, but ${formsText(asks)}; choose another form or split.`,
    );
  const options = { split, tasks: queryToProduct(form), controls: false, rows: true, embeddings: true };
  const [task] = (await evaluateTasks(encoder, catalogue, pixels, options)).tasks;
  const { kind, metrics, rows = [], embeddings } = task;
  const result = { ...task, metrics: fractionsOf(kind, metrics), rows, embeddings: embeddings! };
  return summarised(result, (shown) => retrievalSummary(shown, form));
}

const asked: Record<QueryForm, string> = { image: 'photos', text: 'texts', product: 'photos with texts' };

function retrievalSummary({ n, rows, items, metrics, leftOut = {} }: RetrievalResult, form: QueryForm): string {
  const percent = (fraction: number) => (100 * fraction).toFixed(1);
  const all = Object.entries(metrics).map(
    ([name, { value, low, high }]) => `${name} ${percent(value)} [${percent(low)}, ${percent(high)}]`,
  );
  const without = Object.entries(leftOut).map(([reason, count]) => `; ${count} left out: ${reason}`);
  const products = new Set(rows.map(({ product }) => product)).size;
  return `Retrieval of ${items} products by ${n} ${asked[form]} of ${products} products, in percent: ${all.join(', ')}${without.join('')}`;
}
