import { UserError } from '../checks/error.js';
import { withoutImages } from '../data/drop-missing.js';
import { countPairs } from '../data/found.js';
import { pairsText } from '../data/found-text.js';
import { type Catalogue, type Pair, queryForm, type Split } from '../data/types.js';
import { embedSequences } from '../encoder/embed.js';
import { sequenceOptions, type Trained } from '../encoder/encoder.js';
import { longCall } from '../engine/long-call.js';
import { randomStream } from '../engine/random.js';
import { summarised } from '../engine/summary.js';
import { type Field, productSequence, querySequence, type Sequence } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Embeddings, Rank } from '../search/embeddings.js';
import { rankItems } from '../search/ranks.js';
import { clusterBootstrap, type Interval } from '../statistics/bootstrap.js';
import { chanceOf, retrievalMetrics } from '../tasks/rank-metrics.js';
import { isReadable } from './controls.js';

export interface RetrievalOptions {
  /** Which pairs ask: photos of this split. */
  split: Split;
  /** Control: what every product of the gallery is shown without. */
  withhold?: readonly Field[];
  /** Control: every query is asked with the photo of another one. */
  shuffled?: boolean;
}

/** Result of one retrieval measurement: means with 95% intervals over products and their queries, chance, and every query's rank. */
export interface RetrievalResult {
  n: number;
  /** Products that were asked for, and products in the gallery. */
  products: number;
  gallery: number;
  chance: Record<string, number>;
  metrics: Record<string, Interval>;
  ranks: Rank[];
  queries: Embeddings;
  items: Embeddings;
  /** Ids of products that have neither image nor text to show: they are not offered, and nobody asks for them. */
  leftOut: string[];
}

/**
 * Photo -> product: every photo of the split that could be read, image and crop alone, against every product of the catalogue
 * (protocol G1) that shows anything.
 * @throws UserError when the split has no photo.
 */
export async function retrieval(
  trained: Trained,
  catalogue: Catalogue,
  pixels: Pixels,
  { split, withhold = [], shuffled = false }: RetrievalOptions,
): Promise<RetrievalResult> {
  const shown = withoutImages(catalogue, pixels.missing);
  const [gallery, empty] = [true, false].map((whether) =>
    shown.products.filter((product) => isReadable({ kind: 'product', product, withhold }) === whether),
  );
  const leftOut = empty.map(({ id }) => id);
  const absent = new Set(leftOut);
  const pairs = shown.pairs.filter(
    (pair) => pair.split === split && queryForm(pair.query) === 'image' && !absent.has(pair.product),
  );
  if (!pairs.length)
    throw new UserError(
      `split: got '${split}', which has no photo queries; the queries by split are: ${pairsText(countPairs(shown.pairs))}. Choose a split that has some.`,
    );
  const read = sequenceOptions(trained, pixels);
  const asked = shuffled ? shufflePhotos(pairs) : pairs;
  const asking = asked.map(({ query }) => querySequence(query, read));
  const offered = gallery.map((product) => productSequence(product, { ...read, withhold }));
  const total = asking.length + offered.length;
  const [queries, items] = await longCall(undefined, async ({ signal, show }) => {
    const embed = (sequences: readonly Sequence[], before: number) =>
      embedSequences(trained, sequences, pixels, {
        signal,
        onProgress: (done) => show({ label: 'retrieval', done: before + done, total }),
      });
    return [await embed(asking, 0), await embed(offered, asking.length)];
  });
  const gold = pairs.map(({ product }) => product);
  const ranks = rankItems(queries, gold, items);
  const metrics = Object.entries(retrievalMetrics).map(
    ([name, metric]) => [name, clusterBootstrap(ranks.map(metric), gold)] as const,
  );
  const result: RetrievalResult = {
    n: pairs.length,
    products: new Set(gold).size,
    gallery: items.ids.length,
    chance: chanceOf(items.ids.length),
    metrics: Object.fromEntries(metrics),
    ranks,
    queries,
    items,
    leftOut,
  };
  return summarised(result, retrievalSummary);
}

function retrievalSummary({ n, products, gallery, metrics, leftOut }: RetrievalResult): string {
  const percent = (share: number) => (100 * share).toFixed(1);
  const all = Object.entries(metrics).map(
    ([name, { value, low, high }]) => `${name} ${percent(value)} [${percent(low)}, ${percent(high)}]`,
  );
  const without = leftOut.length ? `; left out, with nothing to show: ${leftOut.join(', ')}` : '';
  return `Retrieval of ${gallery} products by ${n} photos of ${products} products, in percent: ${all.join(', ')}${without}`;
}

/** The same queries with their photos handed round: what is left is what the gallery alone gives away. */
function shufflePhotos(pairs: Pair[]): Pair[] {
  const photos = randomStream(0, 'shuffled-photos').shuffle(pairs.map(({ query }) => query.image));
  return pairs.map((pair, at) => ({ ...pair, query: { ...pair.query, image: photos[at] } }));
}
