import type { Product } from '../data/types.js';
import type { RandomStream } from '../engine/random.js';

/**
 * What a shopper might type for a product, drawn anew each time: its title with words left out and reordered, a phrase of its
 * attributes, or a sentence of its description.
 */
export function drawTextQuery(product: Product, stream: RandomStream): string {
  const phrase = drawAttributePhrase(product, stream);
  const sentences = (product.description ?? '').split(/(?<=[.!?])\s+/).filter((sentence) => sentence.length > 12);
  const kinds = [product.title && 'title', phrase && 'attributes', sentences.length && 'description'].filter(Boolean);
  if (!kinds.length) return product.title || product.category.at(-1) || product.id;
  const kind = stream.pick(kinds);
  if (kind === 'title') return dropAndReorder(product.title, stream);
  return kind === 'attributes' ? phrase : stream.pick(sentences);
}

/** Some of a product's attribute values in any order: `green organic apple-shaped`; empty when it has none. */
export function drawAttributePhrase(product: Product, stream: RandomStream): string {
  const values = Object.values(product.attributes).flat();
  return stream
    .shuffle(values)
    .slice(0, 1 + stream.integer(3))
    .join(' ');
}

/** Each word is left out with probability 0.2, at least one is kept, and half the time they change places. */
function dropAndReorder(title: string, stream: RandomStream): string {
  const words = title.split(/\s+/);
  const kept = words.filter(() => stream.uniform() >= 0.2);
  const some = kept.length ? kept : [stream.pick(words)];
  return (stream.uniform() < 0.5 ? stream.shuffle(some) : some).join(' ');
}
