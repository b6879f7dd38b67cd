import type { Answer } from '../ablate/run/trial.js';
import type { Pair, Product } from '../data/types.js';
import type { Shop } from '../datasets/shop/shop-type.js';
import type { Shopper } from '../datasets/shop/shoppers.js';
import { embedSequences } from '../encoder/embed.js';
import { type Encoder, sequenceOptions } from '../encoder/encoder.js';
import { type RandomStream, randomStream } from '../engine/random.js';
import { type Field, productSequence, querySequence } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Embeddings } from '../search/embeddings.js';
import { rankItems } from '../search/ranks.js';
import { mixed, sideBySide, withZeros } from './mixed-vectors.js';
import { recommended } from './recommended.js';
import type { CompletionSettings } from './study-settings.js';

/** What is missing. */
export const missingParts = ['title', 'image'] as const;
export type MissingPart = (typeof missingParts)[number];

/** `filled`: the queries whose product was filled, alone. `recommended`: shoppers instead of queries. */
export type TaskPart = 'filled' | 'recommended';

/** Name of the task of one rate. */
export const taskName = (part: MissingPart, rate: number, of?: TaskPart) => [part, ...(of ? [of] : []), rate].join('.');

/** What the rows of a seed are computed from. */
export interface CompletionData {
  shop: Shop;
  /** Products of training, to copy from, and those that lack a part. */
  known: readonly Product[];
  gallery: readonly Product[];
  /** Queries by text for products of the gallery. */
  asked: readonly Pair[];
  /** Shoppers who buy from the gallery. */
  shoppers: readonly Shopper[];
}

/** Pieces of a product that its item shows: nothing else names what the title does. */
export const hidden: readonly Field[] = ['category', 'attributes'];

/** The vectors of a gallery as if all of it were filled: both parts together, and the filled part alone. */
export interface FilledVectors {
  both: Embeddings;
  part: Embeddings;
}

/** What both kinds of rows share: the network, vectors of products as it reads them, and answers from the vectors of a gallery that was filled. */
export interface Filling {
  data: CompletionData;
  encoder: Encoder;
  pixels: Pixels;
  stream: RandomStream;
  signal: AbortSignal;
  embed(products: readonly Product[], withhold?: readonly Field[], own?: Pixels): Promise<Embeddings>;
  /** The same of products of which some may have nothing to read, which are zeros. */
  embedPart(products: readonly Product[], part: MissingPart, own?: Pixels): Promise<Embeddings>;
  /** Answers at every rate. */
  answersOf(part: MissingPart, filled: FilledVectors): Record<string, Answer[]>;
  /** The gallery of which nothing is missing. */
  complete: Embeddings;
}

/** Embed the queries and the whole gallery once, for all ways of filling it. */
export async function openFilling(
  data: CompletionData,
  { encoder, pixels }: { encoder: Encoder; pixels: Pixels },
  { rates, closerAt, heldOut, recommender }: CompletionSettings,
  { seed, signal }: { seed: number; signal: AbortSignal },
): Promise<Filling> {
  const { gallery, asked } = data;
  const read = sequenceOptions(encoder, pixels);
  const stream = randomStream(seed, 'completion');
  // The same products for all seeds; what lacks at one rate lacks at all above.
  const order = randomStream(0, 'missing').shuffle(gallery.map(({ id }) => id));
  const embed: Filling['embed'] = (products, withhold = hidden, own = pixels) =>
    embedSequences(
      encoder,
      products.map((product) => productSequence(product, { ...read, withhold })),
      own,
      { signal },
    );
  const embedPart: Filling['embedPart'] = async (products, part, own) => {
    const has = products.filter(({ title, images }) => (part === 'title' ? title.trim() : images.length));
    const other: Field = part === 'title' ? 'image' : 'title';
    const vectors = has.length ? await embed(has, [...hidden, other], own) : undefined;
    return withZeros(products, vectors, complete.width);
  };
  const queries = await embedSequences(
    encoder,
    asked.map(({ query }) => querySequence(query, read)),
    pixels,
    { signal },
  );
  const complete = await embed(gallery);
  const parts = { title: await embedPart(gallery, 'title'), image: await embedPart(gallery, 'image') };
  const answersAt = (part: MissingPart, filled: FilledVectors, rate: number): [string, Answer[]][] => {
    const missing = new Set(order.slice(0, Math.round((rate / 100) * order.length)));
    const all = searched(taskName(part, rate), asked, queries, mixed(complete, filled.both, missing));
    const other = part === 'title' ? parts.image : parts.title;
    const features = sideBySide(mixed(parts[part], filled.part, missing), other);
    const shown = taskName(part, rate, 'recommended');
    // One stream for all rows: they start alike and see the purchases in one order.
    const taste = recommended(shown, data.shoppers, features, heldOut, recommender, stream.child('recommender'));
    const ofFilled = all.filter(({ product }) => missing.has(product));
    const task = taskName(part, rate, 'filled');
    return [
      [taskName(part, rate), all],
      ...(rate === closerAt
        ? [[task, ofFilled.map((answer) => ({ ...answer, task }))] satisfies [string, Answer[]]]
        : []),
      [shown, taste],
    ];
  };
  return {
    data,
    encoder,
    pixels,
    stream,
    signal,
    embed,
    embedPart,
    answersOf: (part, filled) => Object.fromEntries(rates.flatMap((rate) => answersAt(part, filled, rate))),
    complete,
  };
}

function searched(task: string, asked: readonly Pair[], queries: Embeddings, items: Embeddings): Answer[] {
  const gold = asked.map(({ product }) => product);
  return rankItems(queries, gold, items).map(({ before, tied, relevant, best }, at) => {
    const { query, product } = asked[at];
    return { task, query: query.id, product, gold: [product], before, tied, relevant, best };
  });
}
