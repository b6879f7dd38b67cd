import type { Say, SeedRow } from '../ablate/run/seed-study.js';
import type { Answer } from '../ablate/run/trial.js';
import type { Pair, Product } from '../data/types.js';
import type { Shop } from '../datasets/shop/shop-type.js';
import { embedSequences } from '../encoder/embed.js';
import { type Encoder, sequenceOptions } from '../encoder/encoder.js';
import { type RandomStream, randomStream } from '../engine/random.js';
import { type Field, productSequence, querySequence } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Embeddings } from '../search/embeddings.js';
import { nearestItems } from '../search/nearest-items.js';
import { rankItems } from '../search/ranks.js';
import { type FilledFeatures, meanFeatures, randomFeatures, withFeatures, zeroFeatures } from './filled-pictures.js';
import { type Filler, textOf } from './filler.js';
import { decoder } from './fillers/decoder.js';
import { neighbour } from './fillers/neighbour.js';
import { borrowed, drop, oracle } from './fillers/simple.js';
import type { CompletionSettings } from './study-settings.js';
import { textMeasures } from './text-measures.js';

/** What is missing. */
export const missingParts = ['title', 'image'] as const;
export type MissingPart = (typeof missingParts)[number];

/** Name of the task of one rate; `filled` of the queries whose product was filled alone. */
export const taskName = (part: MissingPart, rate: number, of?: 'filled') => [part, ...(of ? [of] : []), rate].join('.');

/** What the rows of a seed are computed from. */
export interface CompletionData {
  shop: Shop;
  /** Products of training, to copy from, and those that lack a part. */
  known: readonly Product[];
  gallery: readonly Product[];
  /** Queries by text for products of the gallery. */
  asked: readonly Pair[];
}

/** Pieces of a product that its item shows: nothing else names what the title does. */
const hidden: readonly Field[] = ['category', 'attributes'];

/** What both kinds of rows share: the network, vectors of products as it reads them, and answers from the vectors of a gallery that was filled. */
interface Filling {
  data: CompletionData;
  encoder: Encoder;
  pixels: Pixels;
  stream: RandomStream;
  signal: AbortSignal;
  embed(products: readonly Product[], withhold?: readonly Field[], own?: Pixels): Promise<Embeddings>;
  /** Answers at every rate. @param filled the gallery as if all of it were filled */
  answersOf(part: MissingPart, filled: Embeddings): Record<string, Answer[]>;
  /** The gallery of which nothing is missing. */
  complete: Embeddings;
}

/** Fill titles and pictures in every way, and look for the products. The network is that of the seed. */
export async function completionRows(
  data: CompletionData,
  { encoder, pixels }: { encoder: Encoder; pixels: Pixels },
  settings: CompletionSettings,
  { seed, onProgress, signal }: { seed: number; onProgress: Say; signal: AbortSignal },
): Promise<SeedRow[]> {
  const { gallery, asked } = data;
  const { rates, closerAt, most } = settings;
  const read = sequenceOptions(encoder, pixels);
  // The same products for all seeds; what lacks at one rate lacks at all above.
  const order = randomStream(0, 'missing').shuffle(gallery.map(({ id }) => id));
  const embed: Filling['embed'] = (products, withhold = hidden, own = pixels) =>
    embedSequences(
      encoder,
      products.map((product) => productSequence(product, { ...read, withhold })),
      own,
      { signal },
    );
  const queries = await embedSequences(
    encoder,
    asked.map(({ query }) => querySequence(query, read)),
    pixels,
    { signal },
  );
  const complete = await embed(gallery);
  const answersAt = (part: MissingPart, filled: Embeddings, rate: number): [string, Answer[]][] => {
    const missing = new Set(order.slice(0, Math.round((rate / 100) * order.length)));
    const all = answers(taskName(part, rate), asked, queries, mixed(complete, filled, missing));
    if (rate !== closerAt) return [[taskName(part, rate), all]];
    const task = taskName(part, rate, 'filled');
    const own = all.filter(({ product }) => missing.has(product)).map((answer) => ({ ...answer, task }));
    return [
      [taskName(part, rate), all],
      [task, own],
    ];
  };
  const filling: Filling = {
    data,
    encoder,
    pixels,
    stream: randomStream(seed, 'completion'),
    signal,
    embed,
    answersOf: (part, filled) => Object.fromEntries(rates.flatMap((rate) => answersAt(part, filled, rate))),
    complete,
  };
  const titles = await titleRows(filling, most, onProgress);
  const pictures = await pictureRows(filling);
  const parameters = encoder.parameters.size;
  return [...new Set([...Object.keys(titles), ...Object.keys(pictures)])].map((name) => ({
    name,
    tasks: { ...titles[name]?.tasks, ...pictures[name] },
    parameters,
    ...(titles[name] && { measures: titles[name].measures }),
  }));
}

async function titleRows(
  { data, encoder, pixels, stream, signal, embed, answersOf }: Filling,
  most: number,
  onProgress: Say,
): Promise<Record<string, Pick<SeedRow, 'tasks' | 'measures'>>> {
  const { shop, known, gallery } = data;
  const fillers: Record<string, Filler> = {
    drop,
    random: borrowed(known, stream.child('borrowed')),
    neighbour: neighbour(encoder, known, pixels),
    decoder: decoder(encoder, { most }),
    'blind decoder': decoder(encoder, { most, isBlind: true }),
    oracle: oracle(gallery),
  };
  const bare = gallery.map((product) => ({ ...product, title: '' }));
  const rows: Awaited<ReturnType<typeof titleRows>> = {};
  for (const [at, [name, filler]] of Object.entries(fillers).entries()) {
    const filled = await filler({ products: bare, field: 'title', pixels, signal });
    const products = bare.map((product, row) => ({ ...product, title: textOf(filled[row]) }));
    rows[name] = {
      tasks: answersOf('title', await embed(products)),
      measures: textMeasures(shop, known, gallery, filled),
    };
    onProgress('titles', at + 1, Object.keys(fillers).length);
  }
  return rows;
}

async function pictureRows({
  data: { known, gallery },
  pixels,
  stream,
  embed,
  answersOf,
  complete,
}: Filling): Promise<Record<string, Record<string, Answer[]>>> {
  const images = new Set(gallery.flatMap((product) => product.images.map(({ id }) => id)));
  const main = known.flatMap(({ images: [image] }) => (image ? [{ image }] : []));
  const features: Record<string, FilledFeatures> = {
    random: randomFeatures(stream.child('features')),
    zero: zeroFeatures,
    mean: meanFeatures(pixels, main),
  };
  const withoutImage = [...hidden, 'image' as const];
  const none = await embed(gallery, withoutImage);
  const nearest = nearestItems(none, await embed(known, withoutImage), 1);
  const byId = new Map(known.map((product) => [product.id, product]));
  const lent = gallery.map((product, at) => ({ ...product, images: byId.get(nearest[at].nearest[0].id)!.images }));
  const rows = {
    drop: answersOf('image', none),
    neighbour: answersOf('image', await embed(lent)),
    oracle: answersOf('image', complete),
  };
  const others: Record<string, Record<string, Answer[]>> = {};
  for (const [name, filled] of Object.entries(features))
    others[name] = answersOf('image', await embed(gallery, hidden, withFeatures(pixels, images, filled)));
  return { ...rows, ...others };
}

/** The gallery in which products that lack a part have the vector of the filled one. Both are in one order. */
function mixed(complete: Embeddings, filled: Embeddings, missing: ReadonlySet<string>): Embeddings {
  const { ids, width } = complete;
  const vectors = complete.vectors.slice();
  for (const [at, id] of ids.entries())
    if (missing.has(id)) vectors.set(filled.vectors.subarray(at * width, (at + 1) * width), at * width);
  return { ids, vectors, width };
}

function answers(task: string, asked: readonly Pair[], queries: Embeddings, items: Embeddings): Answer[] {
  const gold = asked.map(({ product }) => product);
  return rankItems(queries, gold, items).map(({ before, tied, relevant, best }, at) => {
    const { query, product } = asked[at];
    return { task, query: query.id, product, gold: [product], before, tied, relevant, best };
  });
}
