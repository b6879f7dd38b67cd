import type { Product } from '../../data/types.js';
import { embedSequences } from '../../encoder/embed.js';
import { type Encoder, sequenceOptions } from '../../encoder/encoder.js';
import { productSequence } from '../../moon/sequence.js';
import type { Pixels } from '../../pictures/picture-store.js';
import type { Embeddings } from '../../search/embeddings.js';
import { type NearestItems, nearestItems } from '../../search/nearest-items.js';
import { imageOnly } from '../../tasks/withhold.js';
import { type CompletedField, textOfField } from '../field.js';
import type { Filled, Filler } from '../filler.js';

/**
 * The text of the product with the most similar picture, among those that have one.
 * @param complete products to copy from, with their pictures
 */
export function neighbour(encoder: Encoder, complete: readonly Product[], known: Pixels): Filler {
  const byId = new Map(complete.map((product) => [product.id, product]));
  const vectorsOf = (own: readonly Product[], shown: Pixels, signal: AbortSignal | undefined) => {
    const read = { ...sequenceOptions(encoder, shown), withhold: imageOnly };
    return embedSequences(
      encoder,
      own.map((product) => productSequence(product, read)),
      shown,
      { signal },
    );
  };
  /** Vectors of the products that have a field: a catalogue is filled part by part. */
  const donorsOf = new Map<CompletedField, Embeddings>();
  return async ({ products, field, pixels, signal }) => {
    const donors = complete.filter((product) => textOfField(product, field) && isPictured(product, known));
    const asked = products.filter((product) => isPictured(product, pixels));
    const found = new Map<string, Filled>();
    if (donors.length && asked.length) {
      const offered = donorsOf.get(field) ?? (await vectorsOf(donors, known, signal));
      donorsOf.set(field, offered);
      const nearest: NearestItems[] = nearestItems(await vectorsOf(asked, pixels, signal), offered, 1);
      for (const {
        query,
        nearest: [best],
      } of nearest)
        found.set(query, { text: textOfField(byId.get(best.id)!, field), from: best.id });
    }
    return products.map(
      (product) =>
        found.get(product.id) ?? {
          none: isPictured(product, pixels) ? 'no product to copy from' : 'no picture that can be read',
        },
    );
  };
}

const isPictured = ({ images: [image] }: Product, pixels: Pixels) =>
  image !== undefined && !pixels.missing.has(image.id);
