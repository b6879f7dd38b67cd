import type { Say, SeedRow } from '../ablate/run/seed-study.js';
import type { Answer } from '../ablate/run/trial.js';
import type { Pair, Product } from '../data/types.js';
import type { Shop } from '../datasets/shop/shop-type.js';
import { statedFacts } from '../datasets/shop/stated-facts.js';
import { embedSequences } from '../encoder/embed.js';
import { type Encoder, sequenceOptions } from '../encoder/encoder.js';
import { randomStream } from '../engine/random.js';
import { type Field, productSequence, querySequence } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Embeddings } from '../search/embeddings.js';
import { nearestItems } from '../search/nearest-items.js';
import { rankItems } from '../search/ranks.js';
import { corpusBleu, type TextPair } from '../tasks/text-scores/bleu.js';
import { jaccard, rougeL, rougeN } from '../tasks/text-scores/rouge.js';
import { tfidfCosine } from '../tasks/text-scores/tfidf.js';
import { type FilledFeatures, meanFeatures, randomFeatures, withFeatures, zeroFeatures } from './filled-pictures.js';
import type { Filled, Filler } from './filler.js';
import { decoder } from './fillers/decoder.js';
import { neighbour } from './fillers/neighbour.js';
import { borrowed, drop, oracle } from './fillers/simple.js';
import type { CompletionSettings } from './study-settings.js';

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

/** Fill titles and pictures in every way, and look for the products. The network is that of the seed. */
export async function completionRows(
  { shop, known, gallery, asked }: CompletionData,
  { encoder, pixels }: { encoder: Encoder; pixels: Pixels },
  settings: CompletionSettings,
  { seed, onProgress, signal }: { seed: number; onProgress: Say; signal: AbortSignal },
): Promise<SeedRow[]> {
  const { rates, closerAt, most } = settings;
  const read = sequenceOptions(encoder, pixels);
  const stream = randomStream(seed, 'completion');
  // The same products for all seeds; what lacks at one rate lacks at all above.
  const order = randomStream(0, 'missing').shuffle(gallery.map(({ id }) => id));
  const missingAt = (rate: number) => new Set(order.slice(0, Math.round((rate / 100) * order.length)));
  const embed = (products: readonly Product[], withhold: readonly Field[], own = pixels) =>
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
  const complete = await embed(gallery, hidden);
  const parameters = encoder.parameters.size;
  /** Answers at every rate, from the vectors of the gallery as if all of it were filled. */
  const answersOf = (part: MissingPart, filled: Embeddings): Record<string, Answer[]> =>
    Object.fromEntries(
      rates.flatMap((rate) => {
        const missing = missingAt(rate);
        const items = mixed(complete, filled, missing);
        const all = answers(taskName(part, rate), asked, queries, items);
        if (rate !== closerAt) return [[taskName(part, rate), all]];
        const name = taskName(part, rate, 'filled');
        const own = all.filter(({ product }) => missing.has(product)).map((answer) => ({ ...answer, task: name }));
        return [
          [taskName(part, rate), all],
          [name, own],
        ];
      }),
    );
  const bare = gallery.map((product) => ({ ...product, title: '' }));
  const fillers: Record<string, Filler> = {
    drop,
    random: borrowed(known, stream.child('borrowed')),
    neighbour: neighbour(encoder, known, pixels),
    decoder: decoder(encoder, { most }),
    'blind decoder': decoder(encoder, { most, isBlind: true }),
    oracle: oracle(gallery),
  };
  const rows = new Map<string, SeedRow>();
  const total = Object.keys(fillers).length;
  for (const [name, filler] of Object.entries(fillers)) {
    const filled = await filler({ products: bare, field: 'title', pixels, signal });
    const products = bare.map((product, at) => ({ ...product, title: textOf(filled[at]) }));
    rows.set(name, {
      name,
      tasks: answersOf('title', await embed(products, hidden)),
      parameters,
      measures: textMeasures(shop, known, gallery, filled),
    });
    onProgress('titles', rows.size, total);
  }
  const images = new Set(gallery.flatMap((product) => product.images.map(({ id }) => id)));
  const features: Record<string, FilledFeatures> = {
    zero: zeroFeatures,
    mean: meanFeatures(
      pixels,
      known.flatMap(({ images: [image] }) => (image ? [{ image }] : [])),
    ),
    random: randomFeatures(stream.child('features')),
  };
  const noImage = await embed(gallery, [...hidden, 'image']);
  const titles = await embed(known, [...hidden, 'image']);
  const nearest = nearestItems(noImage, titles, 1);
  const byId = new Map(known.map((product) => [product.id, product]));
  const lent = gallery.map((product, at) => ({ ...product, images: byId.get(nearest[at].nearest[0].id)!.images }));
  const pictures: Record<string, Embeddings> = {
    drop: noImage,
    neighbour: await embed(lent, hidden),
    oracle: complete,
  };
  for (const [name, filled] of Object.entries(features))
    pictures[name] = await embed(gallery, hidden, withFeatures(pixels, images, filled));
  for (const [name, vectors] of Object.entries(pictures)) {
    const row = rows.get(name) ?? { name, tasks: {}, parameters };
    rows.set(name, { ...row, tasks: { ...row.tasks, ...answersOf('image', vectors) } });
  }
  return [...rows.values()];
}

const textOf = (filled: Filled) => ('text' in filled ? filled.text : '');

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

/** How like the true titles the texts are, and what they state: means over products, but for BLEU, which is of all texts together. */
function textMeasures(
  shop: Shop,
  known: readonly Product[],
  truth: readonly Product[],
  filled: readonly Filled[],
): Record<string, number> {
  const pairs = truth.map(({ title }, at): TextPair => ({ written: textOf(filled[at]), reference: title }));
  const mean = (of: (pair: TextPair) => number) => pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  const stated = truth.map(({ id }, at) => statedFacts(pairs[at].written, shop.facts.get(id)!));
  const count = (of: 'right' | 'wrong' | 'unsaid') => stated.reduce((sum, facts) => sum + facts[of].length, 0);
  const [right, wrong, unsaid] = [count('right'), count('wrong'), count('unsaid')];
  return {
    'token F1': mean((pair) => rougeN(pair, 1).f1),
    Jaccard: mean(jaccard),
    'TF-IDF cosine': mean(tfidfCosine(known.map(({ title }) => title))),
    BLEU: corpusBleu(pairs),
    'ROUGE-L F1': mean((pair) => rougeL(pair).f1),
    'facts right': right / truth.length,
    'facts wrong': wrong / truth.length,
    'facts unsaid': unsaid / truth.length,
    ...(right + wrong && { 'true of what is stated': right / (right + wrong) }),
    'left empty': filled.filter((own) => 'none' in own).length / truth.length,
  };
}
