import type { Product } from '../data/types.js';
import type { RandomStream } from '../engine/random.js';

/**
 * Synthesise a text query for a product: its title with words dropped and reordered, a phrase of its attributes, or a sentence of its
 * description.
 */
export function sampleTextQuery(product: Product, stream: RandomStream): string {
  const phrase = sampleAttributePhrase(product, stream);
  const sentences = (product.description ?? '').split(/(?<=[.!?])\s+/).filter((sentence) => sentence.length > 12);
  const kinds = [product.title && 'title', phrase && 'attributes', sentences.length && 'description'].filter(Boolean);
  if (!kinds.length) return product.title || product.category.at(-1) || product.id;
  const kind = stream.pick(kinds);
  if (kind === 'title') return dropAndReorder(product.title, stream);
  return kind === 'attributes' ? phrase : stream.pick(sentences);
}

/** One to three attribute values of a product in random order: `green organic apple-shaped`. Empty if it has none. */
export function sampleAttributePhrase(product: Product, stream: RandomStream): string {
  const values = Object.values(product.attributes).flat();
  return stream
    .shuffle(values)
    .slice(0, 1 + stream.integer(3))
    .join(' ');
}

/** Drop each word with probability 0.2, keeping at least one, and shuffle the rest with probability 1/2. */
function dropAndReorder(title: string, stream: RandomStream): string {
  const words = title.split(/\s+/);
  const kept = words.filter(() => stream.uniform() >= 0.2);
  const some = kept.length ? kept : [stream.pick(words)];
  return (stream.uniform() < 0.5 ? stream.shuffle(some) : some).join(' ');
}
