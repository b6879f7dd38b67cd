import type { Product } from '../data/types.js';
import type { RandomStream } from '../engine/random.js';

/** A label of products as a text: a name of one category level, or a value of one attribute. */
export interface Label {
  /** `category 1` is the top level; `attribute colour`. */
  kind: string;
  text: string;
}

/** Labels of a product, without repetition of a text within a kind. */
export function labelsOf({ category, attributes }: Pick<Product, 'category' | 'attributes'>): Label[] {
  return [
    ...category.map((text, level) => ({ kind: `category ${level + 1}`, text })),
    ...Object.entries(attributes).flatMap(([name, values]) =>
      [...new Set(values)].map((text) => ({ kind: `attribute ${name}`, text })),
    ),
  ];
}

/** Labels of one step, and which queries they are true of. Q queries, L labels; the last labels may be fillers of no one. */
export interface LabelDraw {
  texts: string[];
  /** [Q, L] 1 where the label is true of what the query bought. */
  truth: Float32Array;
  /** [Q, L] 1 where the product has a label of that kind. */
  relevant: Float32Array;
}

/** `count` different labels of the products that were bought (`products[positiveOf[q]]`), drawn evenly, filled up with repetitions. */
export function drawLabels(
  products: readonly Pick<Product, 'category' | 'attributes'>[],
  positiveOf: Int32Array,
  count: number,
  stream: RandomStream,
): LabelDraw {
  const key = ({ kind, text }: Label) => JSON.stringify([kind, text]);
  const own = products.map(labelsOf);
  const all = new Map(own.flat().map((label) => [key(label), label]));
  const chosen = stream.shuffle([...all.values()]).slice(0, count);
  const truth = new Float32Array(positiveOf.length * count);
  const relevant = new Float32Array(positiveOf.length * count);
  const trueOf = own.map((labels) => new Set(labels.map(key)));
  const kindsOf = own.map((labels) => new Set(labels.map(({ kind }) => kind)));
  positiveOf.forEach((row, query) => {
    chosen.forEach((label, at) => {
      truth[query * count + at] = Number(trueOf[row].has(key(label)));
      relevant[query * count + at] = Number(kindsOf[row].has(label.kind));
    });
  });
  const texts = Array.from({ length: count }, (_, at) => chosen[at % Math.max(1, chosen.length)]?.text ?? 'none');
  return { texts, truth, relevant };
}
