import type { Pair, Product } from '../../data/types.js';
import { randomStream } from '../../engine/random.js';
import { sampleAttributePhrase } from '../../sampler/text-queries.js';

/** Further pictures of a product that become queries. */
const PICTURES = 2;

export interface MadeQueries {
  /** All in the split `train`; a split by product divides them. */
  pairs: Pair[];
  /** What they were made from, for tables: `other pictures and attribute phrases`. */
  from: string;
}

/**
 * Queries for a catalogue without a log: a product's further pictures, and a phrase of its attributes and category. Where most products have no
 * attributes, the phrase is the title, which tasks then withhold from the products.
 */
export function makeQueries(products: readonly Product[], seed: number): MadeQueries {
  const pictures = products.flatMap(({ id, images }) =>
    images
      .slice(1, 1 + PICTURES)
      .map((image, at): Pair => ({ query: { id: `${id}/picture ${at + 2}`, image }, product: id, split: 'train' })),
  );
  const described = products.filter(({ attributes }) => Object.keys(attributes).length > 0);
  const byPhrase = 2 * described.length >= products.length;
  const texts = (byPhrase ? described : products).flatMap((product): Pair[] => {
    const text = byPhrase ? phraseOf(product, seed) : product.title;
    return text
      ? [{ query: { id: `${product.id}/${byPhrase ? 'phrase' : 'title'}`, text }, product: product.id, split: 'train' }]
      : [];
  });
  const from = [
    ...(pictures.length ? ['other pictures'] : []),
    ...(texts.length ? [byPhrase ? 'attribute phrases' : 'titles'] : []),
  ];
  return { pairs: [...pictures, ...texts], from: from.join(' and ') };
}

function phraseOf(product: Product, seed: number): string {
  const phrase = sampleAttributePhrase(product, randomStream(seed, `phrase ${product.id}`));
  return [phrase, product.category.at(-1)].filter(Boolean).join(' ');
}
