import { type Catalogue, type Product, type ProductImage, type Query, queryForm, type Split } from '../data/types.js';
import type { Field, Sequence, SequenceOptions } from '../moon/sequence.js';
import { productSequence, querySequence } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Aliases } from './aliases.js';

/** What the network is given to read: a query as it was asked, or a product without some fields. */
export type Input =
  | { kind: 'query'; query: Query }
  | { kind: 'product'; product: Product; withhold?: readonly Field[] };

/** One question of a task. */
export interface Ask {
  /** Of the query; unique in its task. */
  id: string;
  input: Input;
  /** Ids of the items that are right; the best of them counts. */
  gold: string[];
  /** The product that is asked about: the unit of the intervals. */
  product: string;
  /** Slice name -> value. */
  slices: Record<string, string>;
}

/** Something that is ranked: a product, a photo of one, or a label. The best item of an id counts. */
export interface Item {
  id: string;
  input: Input;
}

/** One row of a protocol: who asks, what is ranked. Plain data, made without a network; what it says of itself is printed with it. */
export interface Task {
  /** Short and stable: `g1.full`, `g5.coarse.own`. */
  name: string;
  /** The same for a reader, such as `photo -> product`; the name where left out. */
  title?: string;
  /** A variation of the task before it, which summaries leave out. */
  isVariant?: boolean;
  /** Name of a kind of `kinds/`: how it is measured. */
  kind: string;
  /** What the queries and the items hold, in words. */
  query: string;
  gallery: string;
  asks: Ask[];
  items: Item[];
  /** Highest expected value of a metric for any method, where the data cap it. */
  attainable?: Record<string, number>;
  /** Queries that are not asked, by reason. */
  leftOut?: Record<string, number>;
  /** Always answered label of classification: the most frequent one among products for training. */
  majority?: string;
}

/** What a protocol makes its tasks from. */
export interface TaskSource {
  catalogue: Catalogue;
  split: Split;
  /** Ids of products that training has not seen though they have pairs of the split `train`: a fold of G2. */
  unseen?: ReadonlySet<string>;
  /** Whether a task of this name is wanted: what costs time to make may be left out. All are where left out. */
  isWanted?: (name: string) => boolean;
  /** Pictures, for tasks that compare images without a network. */
  pixels?: Pixels;
  /** Other words for the labels of the data set, masked with them. */
  aliases?: Aliases;
}

/** A protocol: one file, one function. */
export type Protocol = (source: TaskSource) => Task[];

/** The sequence of an input. Regions of a query's image, and of a product whose title is withheld, are found without a title. */
export function inputSequence(input: Input, options: SequenceOptions): Sequence {
  if (input.kind === 'query') return querySequence(input.query, options);
  const { product, withhold } = input;
  const shown = withhold?.includes('title') ? { ...product, title: '' } : product;
  return productSequence(shown, { ...options, withhold });
}

/** An image alone, as an image-form query: image and crop, and no detector is told a title. */
export function imageInput(id: string, image: ProductImage): Input {
  return { kind: 'query', query: { id, image } };
}

export function textInput(id: string, text: string): Input {
  return { kind: 'query', query: { id, text } };
}

/** Slices of a query: its form, the top category of its product, and the fields that product lacks. */
export function slicesOf(input: Input, product: Product): Record<string, string> {
  const form = input.kind === 'query' ? queryForm(input.query) : 'product';
  return { form, category: product.category[0] ?? 'none', missing: missingFields(product) };
}

function missingFields(product: Product): string {
  const missing = [
    product.images.length ? '' : 'image',
    product.title ? '' : 'title',
    product.category.length ? '' : 'category',
    Object.keys(product.attributes).length ? '' : 'attributes',
  ].filter(Boolean);
  return missing.length ? missing.join(', ') : 'nothing';
}
