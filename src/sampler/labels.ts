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

/** The labels of every product as shared records: two products with one label hold the same one. */
export function indexLabels<T extends Pick<Product, 'category' | 'attributes'>>(
  products: readonly T[],
): ReadonlyMap<T, readonly Label[]> {
  const known = new Map<string, Label>();
  const shared = (label: Label) => {
    const key = JSON.stringify([label.kind, label.text]);
    const first = known.get(key) ?? label;
    known.set(key, first);
    return first;
  };
  return new Map(products.map((product) => [product, labelsOf(product).map(shared)]));
}

/** Labels of one step, and which queries they are true of. Q queries, L labels; the last labels may be fillers of no one. */
export interface LabelSample {
  texts: string[];
  /** [Q, L] 1 where the label is true of what the query bought. */
  truth: Float32Array;
  /** [Q, L] 1 where the product has a label of that kind. */
  relevant: Float32Array;
}

/**
 * `count` different labels of what was bought, drawn evenly, filled up with repetitions.
 * @param labels of every item, shared records (see `indexLabels`)
 * @param positiveOf row of the item that each query bought
 */
export function sampleLabels(
  labels: readonly (readonly Label[])[],
  positiveOf: Int32Array,
  count: number,
  stream: RandomStream,
): LabelSample {
  const chosen = stream.shuffle([...new Set([...new Set(positiveOf)].flatMap((row) => labels[row]))]).slice(0, count);
  const truth = new Float32Array(positiveOf.length * count);
  const relevant = new Float32Array(positiveOf.length * count);
  const kindsOf = labels.map((own) => new Set(own.map(({ kind }) => kind)));
  positiveOf.forEach((row, query) => {
    chosen.forEach((label, at) => {
      truth[query * count + at] = Number(labels[row].includes(label));
      relevant[query * count + at] = Number(kindsOf[row].has(label.kind));
    });
  });
  const texts = Array.from({ length: count }, (_, at) => chosen[at % Math.max(1, chosen.length)]?.text ?? 'none');
  return { texts, truth, relevant };
}
