import type { Product } from '../data/types.js';
import type { RandomStream } from '../engine/random.js';

/** A label as text: the name of a category level, or the value of an attribute. */
export interface Label {
  /** `category 1` is the top level; `attribute colour`. */
  kind: string;
  text: string;
}

/** The labels of a product, without duplicates within a kind. */
export function labelsOf({ category, attributes }: Pick<Product, 'category' | 'attributes'>): Label[] {
  return [
    ...category.map((text, level) => ({ kind: `category ${level + 1}`, text })),
    ...Object.entries(attributes).flatMap(([name, values]) =>
      [...new Set(values)].map((text) => ({ kind: `attribute ${name}`, text })),
    ),
  ];
}

/** Gives the labels of a product as shared records: products with the same label refer to the same record. */
export function sharedLabels(): (product: Pick<Product, 'category' | 'attributes'>) => readonly Label[] {
  const known = new Map<string, Label>();
  const shared = (label: Label) => {
    const key = JSON.stringify([label.kind, label.text]);
    const first = known.get(key) ?? label;
    known.set(key, first);
    return first;
  };
  return (product) => labelsOf(product).map(shared);
}

/** The labels of one step, for Q queries and L labels. If there are fewer labels, the last ones are padding that matches no query. */
export interface LabelSample {
  texts: string[];
  /** [Q, L] 1 if the label applies to the product that the query bought. */
  truth: Float32Array;
  /** [Q, L] 1 if that product has any label of this kind. */
  relevant: Float32Array;
}

/**
 * Sample `count` distinct labels of the bought products uniformly, padded by repetition if there are fewer.
 * @param labels labels of every item, as shared records (see `sharedLabels`)
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
