import type { Product } from '../../data/types.js';
import { embedSequences } from '../../encoder/embed.js';
import { type Encoder, sequenceOptions } from '../../encoder/encoder.js';
import { productSequence } from '../../moon/sequence.js';
import type { Pixels } from '../../pictures/picture-store.js';
import { type NearestItems, nearestItems } from '../../search/nearest-items.js';
import { imageOnly } from '../../tasks/withhold.js';
import { textOfField } from '../field.js';
import type { Filled, Filler } from '../filler.js';

/**
 * The text of the product with the most similar picture, among those that have one.
 * @param complete products to copy from, with their pictures
 */
export function neighbour(encoder: Encoder, complete: readonly Product[], known: Pixels): Filler {
  const byId = new Map(complete.map((product) => [product.id, product]));
  return async ({ products, field, pixels, signal }) => {
    const donors = complete.filter((product) => textOfField(product, field) && isPictured(product, known));
    const asked = products.filter((product) => isPictured(product, pixels));
    const found = new Map<string, Filled>();
    if (donors.length && asked.length) {
      const vectors = (own: readonly Product[], shown: Pixels) => {
        const read = { ...sequenceOptions(encoder, shown), withhold: imageOnly };
        return embedSequences(
          encoder,
          own.map((product) => productSequence(product, read)),
          shown,
          { signal },
        );
      };
      const nearest: NearestItems[] = nearestItems(await vectors(asked, pixels), await vectors(donors, known), 1);
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
