import type { ProductImage, Query } from '../data/types.js';
import type { RandomStream } from '../engine/random.js';
import type { Corpus, TrainingProduct } from './corpus.js';
import { drawAttributePhrase, drawTextQuery } from './text-queries.js';

/** What one step trains on: queries, and the products they bought, each once. */
export interface Draw {
  items: TrainingProduct[];
  /** Picture that stands for each item in this step: its iconic image, or one of its photos. */
  itemImages: ProductImage[];
  queries: Query[];
  /** Row among the items of what each query bought. */
  positiveOf: Int32Array;
}

export interface DrawOptions {
  /** Different products in a step. */
  products: number;
  /** Queries a product, from photos of different bursts where it has them. */
  queries: number;
  /** Products of one category that are drawn together, so that hard negatives coincide with items; 1 draws without regard to it. */
  together: number;
  /** Share of query forms; the paper's is 12 : 3 : 2. */
  mix: { image: number; text: number; product: number };
}

/** Draw one step's products and queries. */
export function drawStep(corpus: Corpus, options: DrawOptions, stream: RandomStream): Draw {
  const items = drawProducts(corpus, options, stream);
  const itemImages: ProductImage[] = [];
  const queries: Query[] = [];
  const positiveOf: number[] = [];
  items.forEach((item, row) => {
    const photos = drawPhotos(item, options.queries, stream);
    for (const photo of photos) {
      queries.push(drawQuery(item, photo, queries.length, options.mix, stream));
      positiveOf.push(row);
    }
    itemImages.push(drawItemImage(item, photos, stream));
  });
  return { items, itemImages, queries, positiveOf: Int32Array.from(positiveOf) };
}

/** Sets of categories until enough: small categories are filled up with cousins from one level above. */
function drawProducts(corpus: Corpus, options: DrawOptions, stream: RandomStream): TrainingProduct[] {
  const count = Math.min(options.products, corpus.products.length);
  const chosen = new Set<TrainingProduct>();
  while (chosen.size < count) {
    const first = stream.pick(corpus.products);
    if (chosen.has(first)) continue;
    const set = [first];
    for (const level of corpus.siblings) {
      const family = level.find((each) => each.includes(first)) ?? [];
      for (const cousin of stream.shuffle(family))
        if (set.length < options.together && !chosen.has(cousin) && !set.includes(cousin)) set.push(cousin);
    }
    for (const each of set) if (chosen.size < count) chosen.add(each);
  }
  return [...chosen];
}

/** Photos of different bursts as far as there are, then any. */
function drawPhotos({ photos }: TrainingProduct, count: number, stream: RandomStream): ProductImage[] {
  const shuffled = stream.shuffle(photos);
  const groups = new Set<string>();
  const different = shuffled.filter(({ group, id }) => {
    const known = groups.has(group ?? id);
    groups.add(group ?? id);
    return !known;
  });
  const rest = shuffled.filter((photo) => !different.includes(photo));
  return [...different, ...rest].slice(0, count);
}

/** Half the time the iconic image; else a photo, never of a query photo's burst. */
function drawItemImage(
  { product, photos }: TrainingProduct,
  queries: ProductImage[],
  stream: RandomStream,
): ProductImage {
  const taken = new Set(queries.map(({ group, id }) => group ?? id));
  const free = photos.filter(({ group, id }) => !taken.has(group ?? id));
  const iconic = product.images[0];
  return iconic && (stream.uniform() < 0.5 || !free.length) ? iconic : stream.pick(free.length ? free : photos);
}

function drawQuery(
  { product }: TrainingProduct,
  image: ProductImage,
  at: number,
  { image: images, text: texts, product: both }: DrawOptions['mix'],
  stream: RandomStream,
): Query {
  const draw = stream.uniform() * (images + texts + both);
  if (draw < images) return { id: `${at}:${image.id}`, image };
  if (draw < images + texts) return { id: `${at}:${product.id}`, text: drawTextQuery(product, stream) };
  return {
    id: `${at}:${image.id}+`,
    image,
    text: drawAttributePhrase(product, stream) || drawTextQuery(product, stream),
  };
}
