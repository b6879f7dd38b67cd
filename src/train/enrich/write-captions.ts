import type { Product } from '../../data/types.js';
import { type Encoder, sequenceOptions } from '../../encoder/encoder.js';
import { writeTexts } from '../../encoder/writing/write-texts.js';
import { productSequence } from '../../moon/sequence.js';
import type { Pixels } from '../../pictures/picture-store.js';
import { imageOnly } from '../../tasks/withhold.js';

/**
 * Write a caption on the main image of each product, token by token, each time the most probable one, up to the end token or `most` tokens.
 * Empty for a product without a readable image, and where only special tokens come.
 */
export async function writeCaptions(
  encoder: Encoder,
  products: readonly Product[],
  pixels: Pixels,
  most: number,
  signal?: AbortSignal,
): Promise<string[]> {
  const read = { ...sequenceOptions(encoder, pixels), withhold: imageOnly };
  const pictured = products.filter(({ images: [image] }) => image && !pixels.missing.has(image.id));
  const starts = pictured.map((product) => productSequence(product, read));
  const written = await writeTexts(encoder, starts, pixels, { most, signal });
  const captionOf = new Map(pictured.map((product, at) => [product, written[at].text]));
  return products.map((product) => captionOf.get(product) ?? '');
}
