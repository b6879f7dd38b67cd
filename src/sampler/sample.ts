import type { Filled } from '../checks/schema.js';
import type { TrainingProduct, TrainingSet } from '../data/training-set.js';
import type { ProductImage, Query, QueryForm } from '../data/types.js';
import type { RandomStream } from '../engine/random.js';
import type { Field } from '../moon/sequence.js';
import { drawHard, type HardCandidates } from '../negatives/hard.js';
import { groupRows } from '../negatives/spatial.js';
import type { SamplerOption } from './option.js';
import { drawAttributePhrase, drawTextQuery } from './text-queries.js';

/** What one step trains on: queries, the products they bought, each once, and hard negatives that were not bought. */
export interface Draw {
  /** First what was bought, then what stands there as a hard negative alone, then fillers, so that all steps have one shape. */
  items: TrainingProduct[];
  /** Number of each item's product; -1 for a filler, which is nobody's negative. */
  numbers: Int32Array;
  /** Picture that stands for each item in this step: its iconic image, or one of its photos; none where it has neither. */
  itemImages: (ProductImage | undefined)[];
  /** Fields that each item is shown without in this step. */
  withheld: Field[][];
  queries: Query[];
  /** Row among the items of what each query bought. */
  positiveOf: Int32Array;
  /** Row among the items of each query's hard negative, -1 for none; absent where the run has none. */
  hardOf?: Int32Array;
  /** Group of each query and of each item (spatial negatives): that of what was bought. */
  queryGroups: Int32Array;
  itemGroups: Int32Array;
}

type Options = Filled<SamplerOption>;

/**
 * Draw one step's products and queries, and their hard negatives among `hard`, where the run has them.
 * @param groups of spatial negatives: products drawn one after the other share a group
 */
export function drawStep(
  trainingSet: TrainingSet,
  options: Options,
  stream: RandomStream,
  { hard, groups = 1 }: { hard?: HardCandidates; groups?: number } = {},
): Draw {
  // Every purpose has a stream of its own: runs that differ in one, such as the mix of forms or hard negatives, are alike in the rest.
  const step = stream.integer(2 ** 31);
  const streamOf = (purpose: string) => stream.child(`${step} ${purpose}`);
  const photoStream = streamOf('photos');
  const bought = drawProducts(trainingSet, options, streamOf('products'));
  const queries: Query[] = [];
  const positiveOf: number[] = [];
  const askedWith: ProductImage[][] = [];
  const forms = drawForms(bought.length * options.queries, options.mix, streamOf('forms'));
  bought.forEach((item, row) => {
    const photos = drawPhotos(item, options.queries, photoStream);
    for (let at = 0; at < options.queries; at++) {
      const photo = photos[at % Math.max(1, photos.length)];
      queries.push(
        drawQuery(item, photo, queries.length, forms[queries.length], streamOf(`query ${queries.length}`), options),
      );
      positiveOf.push(row);
    }
    askedWith.push(photos);
  });
  const beside = hard && drawHardRows(trainingSet, bought, hard, options.together > 1, streamOf('hard'));
  const items = [...bought, ...(beside?.added ?? [])];
  // Hard negatives come after what is bought, whose pictures stay the same.
  const pictureStream = streamOf('pictures');
  const itemImages = items.map((item, row) => drawItemImage(item, askedWith[row] ?? [], pictureStream));
  const fieldStream = streamOf('fields');
  const groupOf = groupRows(bought.length, groups);
  return {
    items,
    numbers: Int32Array.from(items, ({ number }, row) => (row < bought.length + (beside?.real ?? 0) ? number : -1)),
    itemImages,
    withheld: items.map((item, row) => drawWithheld(item, itemImages[row], options.withhold, fieldStream)),
    queries,
    positiveOf: Int32Array.from(positiveOf),
    ...(beside ? { hardOf: Int32Array.from(positiveOf, (row) => beside.hardOf[row]) } : {}),
    queryGroups: Int32Array.from(positiveOf, (row) => groupOf[row]),
    itemGroups: Int32Array.from(
      items,
      (_, row) => groupOf[row < bought.length ? row : (beside!.groups[row - bought.length] ?? 0)],
    ),
  };
}

/** Sets of categories until enough: small categories are filled up with cousins from one level above. */
function drawProducts(trainingSet: TrainingSet, options: Options, stream: RandomStream): TrainingProduct[] {
  const count = Math.min(options.products, trainingSet.products.length);
  const chosen = new Set<TrainingProduct>();
  while (chosen.size < count) {
    const first = stream.pick(trainingSet.products);
    if (chosen.has(first)) continue;
    const set = new Set([first]);
    for (const family of trainingSet.families) {
      if (set.size >= options.together) break;
      for (const cousin of stream.shuffle(family.get(first.product.id)!))
        if (set.size < options.together && !chosen.has(cousin)) set.add(cousin);
    }
    for (const each of set) if (chosen.size < count) chosen.add(each);
  }
  return [...chosen];
}

/**
 * Forms of `count` queries in random order. Their numbers differ from the exact shares by less than one (systematic sampling), so
 * that the steps of a run have few different shapes.
 */
function drawForms(count: number, mix: Record<QueryForm, number>, stream: RandomStream): QueryForm[] {
  const names: QueryForm[] = ['image', 'text', 'product'];
  const ends = names.map((_, form) => names.slice(0, form + 1).reduce((sum, name) => sum + mix[name], 0));
  const total = ends[ends.length - 1];
  const start = stream.uniform();
  const forms = Array.from({ length: count }, (_, at) => {
    const place = ((at + start) / count) * total;
    return names.find((_, form) => place < ends[form]) ?? names[names.length - 1];
  });
  return stream.shuffle(forms);
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
): ProductImage | undefined {
  const taken = new Set(queries.map(({ group, id }) => group ?? id));
  const free = photos.filter(({ group, id }) => !taken.has(group ?? id));
  const iconic = product.images[0];
  const toss = stream.uniform() < 0.5;
  if (iconic && (toss || !free.length)) return iconic;
  if (free.length) return stream.pick(free);
  return photos.length ? stream.pick(photos) : iconic;
}

function drawQuery(
  { product, texts }: TrainingProduct,
  image: ProductImage | undefined,
  at: number,
  form: QueryForm,
  stream: RandomStream,
  { logged }: Options,
): Query {
  if (form === 'image' && image) return { id: `${at}:${image.id}`, image };
  if (form === 'product' && image)
    return {
      id: `${at}:${image.id}+`,
      image,
      text: drawAttributePhrase(product, stream) || drawTextQuery(product, stream),
    };
  const text = texts.length && stream.uniform() < logged ? stream.pick(texts) : drawTextQuery(product, stream);
  return { id: `${at}:${product.id}`, text };
}

/**
 * Hard negatives of what is bought: with `bought` products drawn together, those that stand in the step; else any, added to it,
 * filled up to one a product.
 */
function drawHardRows(
  trainingSet: TrainingSet,
  bought: TrainingProduct[],
  hard: HardCandidates,
  together: boolean,
  stream: RandomStream,
): { added: TrainingProduct[]; real: number; groups: number[]; hardOf: Int32Array } {
  const ids = bought.map(({ product }) => product.id);
  const here = new Set(ids);
  const of = new Map<string, readonly string[]>();
  for (const { number, product } of bought) {
    // Products of other splits may be alike too; training does not see them.
    const candidates = (hard.of.get(product.id) ?? []).filter((id) => {
      const other = trainingSet.byId.get(id);
      return other && other.number !== number && (!together || here.has(id));
    });
    if (candidates.length) of.set(product.id, candidates);
  }
  const { added, hardOf } = drawHard(ids, { ...hard, of }, trainingSet.numbers, stream);
  const rows = added.map((_, at) => hardOf.indexOf(ids.length + at));
  const fillers = together ? [] : bought.slice(0, bought.length - added.length);
  return {
    added: [...added.map((id) => trainingSet.byId.get(id)!), ...fillers],
    real: added.length,
    groups: rows,
    hardOf,
  };
}

/** Fields left out of an item this time; at least one that it has stays. */
function drawWithheld(
  { product }: TrainingProduct,
  image: ProductImage | undefined,
  chances: Options['withhold'],
  stream: RandomStream,
): Field[] {
  const has = {
    image: Boolean(image),
    title: Boolean(product.title),
    category: product.category.length > 0,
    attributes: Object.keys(product.attributes).length > 0,
  };
  const present = (Object.keys(has) as (keyof typeof has)[]).filter((field) => has[field]);
  const out = present.filter((field) => chances[field] > 0 && stream.uniform() < chances[field]);
  return out.length < present.length ? out : out.slice(1);
}
