import type { Filled } from '../checks/schema.js';
import type { TrainingProduct, TrainingSet } from '../data/training-set.js';
import type { ProductImage, Query, QueryForm } from '../data/types.js';
import type { RandomStream } from '../engine/random.js';
import type { Field } from '../moon/sequence.js';
import { drawHard, type HardCandidates } from '../negatives/hard.js';
import { groupRows } from '../negatives/spatial.js';
import type { SamplerOption } from './option.js';
import { sampleAttributePhrase, sampleTextQuery } from './text-queries.js';

/** The content of one training step: queries, the distinct products that they bought, and hard negatives that were not bought. */
export interface StepSample {
  /** The bought products, then additional hard negatives, then fillers, so that all steps have the same shape. */
  items: TrainingProduct[];
  /** Product number of each item; -1 for a filler, which is no query's negative. */
  numbers: Int32Array;
  /** Image of each item in this step: its iconic image or one of its photos; undefined if it has neither. */
  itemImages: (ProductImage | undefined)[];
  /** Fields withheld from each item in this step. */
  withheld: Field[][];
  queries: Query[];
  /** Row of the item that each query bought. */
  positiveOf: Int32Array;
  /** Row of each query's hard negative, -1 for none. Absent if the run has no hard negatives. */
  hardOf?: Int32Array;
  /** Group of each query and of each item (spatial negatives): that of the bought product. */
  queryGroups: Int32Array;
  itemGroups: Int32Array;
}

type Options = Filled<SamplerOption>;

const queryForms: readonly QueryForm[] = ['image', 'text', 'product'];

/**
 * Sample the products and queries of one step and, if `hard` is given, their hard negatives.
 * @param groups number of groups of spatial negatives; products sampled consecutively share a group
 */
export function sampleStep(
  trainingSet: TrainingSet,
  options: Options,
  stream: RandomStream,
  { hard, groups = 1 }: { hard?: HardCandidates; groups?: number } = {},
): StepSample {
  // Every purpose has its own random stream: runs that differ in one of them, such as the mix of forms or hard negatives, are equal in the
  // others.
  const step = stream.integer(2 ** 31);
  const streamOf = (purpose: string) => stream.child(`${step} ${purpose}`);
  const photoStream = streamOf('photos');
  const bought = sampleProducts(trainingSet, options, streamOf('products'));
  const queries: Query[] = [];
  const positiveOf: number[] = [];
  const askedWith: ProductImage[][] = [];
  const forms =
    options.forms === 'each'
      ? bought.flatMap(() => Array.from({ length: options.queries }, (_, at) => queryForms[at % queryForms.length]))
      : sampleForms(bought.length * options.queries, options.mix, streamOf('forms'));
  bought.forEach((item, row) => {
    const photos = samplePhotos(item, options.queries, photoStream);
    for (let at = 0; at < options.queries; at++) {
      const photo = photos[at % Math.max(1, photos.length)];
      queries.push(
        sampleQuery(item, photo, queries.length, forms[queries.length], streamOf(`query ${queries.length}`), options),
      );
      positiveOf.push(row);
    }
    askedWith.push(photos);
  });
  const beside = hard && chooseHardRows(trainingSet, bought, hard, options.together > 1, streamOf('hard'));
  const items = [...bought, ...(beside?.added ?? [])];
  // Hard negatives come after the bought products, so that the images of the latter do not depend on them.
  const pictureStream = streamOf('pictures');
  const itemImages = items.map((item, row) => sampleItemImage(item, askedWith[row] ?? [], pictureStream));
  const fieldStream = streamOf('fields');
  const groupOf = groupRows(bought.length, groups);
  return {
    items,
    numbers: Int32Array.from(items, ({ number }, row) => (row < bought.length + (beside?.real ?? 0) ? number : -1)),
    itemImages,
    withheld: items.map((item, row) => sampleWithheld(item, itemImages[row], options.withhold, fieldStream)),
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

/** Sample sets of products of one category until there are enough. Small categories are filled up with products of the parent category. */
function sampleProducts(trainingSet: TrainingSet, options: Options, stream: RandomStream): TrainingProduct[] {
  const count = Math.min(options.products, trainingSet.products.length);
  const chosen = new Set<TrainingProduct>();
  while (chosen.size < count) {
    const first = stream.pick(trainingSet.products);
    if (chosen.has(first)) continue;
    const set = new Set([first]);
    for (const family of trainingSet.families) {
      if (set.size >= options.together) break;
      for (const cousin of stream.shuffle(family(first.product)))
        if (set.size < options.together && !chosen.has(cousin)) set.add(cousin);
    }
    for (const each of set) if (chosen.size < count) chosen.add(each);
  }
  return [...chosen];
}

/**
 * Sample the forms of `count` queries in random order. Systematic sampling: the counts differ from the exact proportions by less than one,
 * so that the steps of a run have few different shapes.
 */
function sampleForms(count: number, mix: Record<QueryForm, number>, stream: RandomStream): QueryForm[] {
  const names = queryForms;
  const ends = names.map((_, form) => names.slice(0, form + 1).reduce((sum, name) => sum + mix[name], 0));
  const total = ends[ends.length - 1];
  const start = stream.uniform();
  const forms = Array.from({ length: count }, (_, at) => {
    const place = ((at + start) / count) * total;
    return names.find((_, form) => place < ends[form]) ?? names[names.length - 1];
  });
  return stream.shuffle(forms);
}

/** Sample photos of different bursts first, then any others. */
function samplePhotos({ photos }: TrainingProduct, count: number, stream: RandomStream): ProductImage[] {
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

/**
 * Sample the image of an item: with probability 1/2 the iconic image, otherwise a generated view or a photo that is not from the burst of a
 * query photo.
 */
function sampleItemImage(
  { product, photos, views = [] }: TrainingProduct,
  queries: ProductImage[],
  stream: RandomStream,
): ProductImage | undefined {
  const taken = new Set(queries.map(({ group, id }) => group ?? id));
  const free = [...photos.filter(({ group, id }) => !taken.has(group ?? id)), ...views];
  const iconic = product.images[0];
  const toss = stream.uniform() < 0.5;
  if (iconic && (toss || !free.length)) return iconic;
  if (free.length) return stream.pick(free);
  return photos.length ? stream.pick(photos) : iconic;
}

function sampleQuery(
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
      text: sampleAttributePhrase(product, stream) || sampleTextQuery(product, stream),
    };
  const text = texts.length && stream.uniform() < logged ? stream.pick(texts) : sampleTextQuery(product, stream);
  return { id: `${at}:${product.id}`, text };
}

/**
 * Choose the hard negatives of the bought products. With `together`, they are chosen from the step's own products. Otherwise they are added
 * to the step, padded to one per product.
 */
function chooseHardRows(
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
    // The candidates may include products of other splits, which training must not see.
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

/** Sample the fields withheld from an item. At least one of its fields is kept. */
function sampleWithheld(
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
