import { type Catalogue, type Product, type ProductImage, type Query, queryForm, type Split } from '../data/types.js';
import { type Question, questionSequence } from '../moon/question.js';
import type { Field, Sequence, SequenceOptions } from '../moon/sequence.js';
import { productSequence, querySequence } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Aliases } from './aliases.js';

/** The input to embed: a query, or a product without some of its fields. */
export type EmbeddedInput =
  | { kind: 'query'; query: Query }
  | { kind: 'product'; product: Product; withhold?: readonly Field[] };

/** What a network reads: something to embed, or a question to which it writes the answer. */
export type Input = EmbeddedInput | { kind: 'question'; question: Question };

/** One query of a task with its correct items. */
export interface Ask {
  /** Id of the query; unique in its task. */
  id: string;
  input: Input;
  /** Ids of the correct items. The best-ranked one counts. */
  gold: string[];
  /** Ids of the items that are offered, the correct ones among them. Default all of the task. */
  choices?: string[];
  /** The product that the query is about: the cluster of the bootstrap intervals. */
  product: string;
  /** Slice name -> value. */
  slices: Record<string, string>;
}

/** A gallery item: a product, a photo of one, or a label. If several items share an id, the best-ranked one counts. */
export interface Item {
  id: string;
  input: Input;
}

/** One task of a protocol: its queries and its gallery. Plain data, made without a model; its descriptions are printed with the results. */
export interface Task {
  /** Short, stable name: `g1.full`, `g5.coarse.own`. */
  name: string;
  /** The same for a reader, such as `photo -> product`; the name where left out. */
  title?: string;
  /** A variation of the task before it, which summaries leave out. */
  isVariant?: boolean;
  /** Name of a task kind (see `kinds/`), which decides how it is measured. */
  kind: string;
  /** Content of the queries and of the items, in words. */
  query: string;
  gallery: string;
  asks: Ask[];
  items: Item[];
  /** Highest expected value of a metric for any method, if the data limit it. */
  attainable?: Record<string, number>;
  /** Number of queries left out, by reason. */
  leftOut?: Record<string, number>;
  /** The prediction of the majority control: the most frequent label among the training products. */
  majority?: string;
}

/** The input of a protocol. */
export interface TaskSource {
  catalogue: Catalogue;
  split: Split;
  /** Ids of products left out of training (a fold of G2), although they have pairs of the split `train`. */
  unseen?: ReadonlySet<string>;
  /** Whether a task of this name is requested, so that expensive tasks can be skipped. Default: all are. */
  isWanted?: (name: string) => boolean;
  /** The image store, for tasks that compare images without a model. */
  pixels?: Pixels;
  /** Synonyms of the data set's labels, which are masked together with the labels. */
  aliases?: Aliases;
}

/** A protocol makes the tasks of a catalogue. */
export type Protocol = (source: TaskSource) => Task[];

/** The token sequence of an input. The detector sees no title for query images, nor for products whose title is withheld. */
export function inputSequence(input: Input, options: SequenceOptions): Sequence {
  if (input.kind === 'question') return questionSequence(input.question, options);
  if (input.kind === 'query') return querySequence(input.query, options);
  const { product, withhold } = input;
  const shown = withhold?.includes('title') ? { ...product, title: '' } : product;
  return productSequence(shown, { ...options, withhold });
}

/** An image-form query: image and crop. The detector sees no title. */
export function imageInput(id: string, image: ProductImage): Input {
  return { kind: 'query', query: { id, image } };
}

/** The image that an input shows, if it does. */
export function imageOf(input: Input): ProductImage | undefined {
  if (input.kind === 'query') return input.query.image;
  if (input.kind === 'question') return input.question.image;
  return input.withhold?.includes('image') ? undefined : input.product.images[0];
}

export function textInput(id: string, text: string): Input {
  return { kind: 'query', query: { id, text } };
}

/** The slices of a query: its form, the top category of its product, and the fields that the product lacks. */
export function slicesOf(input: Input, product: Product): Record<string, string> {
  const form = input.kind === 'query' ? queryForm(input.query) : input.kind;
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
