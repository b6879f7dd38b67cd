import type { Product } from '../../data/types.js';
import type { RandomStream } from '../../engine/random.js';
import { textOfField } from '../field.js';
import type { Filler } from '../filler.js';

/** Leave all empty: the product is what else is known of it. */
export const drop: Filler = async ({ products }) => products.map(() => ({ none: 'left empty' }));

/** The text of any product that has one: a control that knows the language and not the product. */
export function borrowed(complete: readonly Product[], stream: RandomStream): Filler {
  return async ({ products, field }) => {
    const donors = complete.filter((product) => textOfField(product, field));
    return products.map(() => {
      if (!donors.length) return { none: 'no product to copy from' };
      const donor = stream.pick(donors);
      return { text: textOfField(donor, field), from: donor.id };
    });
  };
}

/** The text that was taken away: the upper bound of all others. @param truth products with their texts */
export function oracle(truth: readonly Product[]): Filler {
  const byId = new Map(truth.map((product) => [product.id, product]));
  return async ({ products, field }) =>
    products.map(({ id }) => {
      const known = byId.get(id);
      const text = known ? textOfField(known, field) : '';
      return text ? { text } : { none: 'nothing is known' };
    });
}
