import type { Catalogue } from './types.js';

/**
 * A catalogue without images that could not be read: products keep their other images, queries their text; a query of an image
 * alone is left out.
 * @param missing ids of the images
 */
export function withoutImages(catalogue: Catalogue, missing: { has(id: string): boolean; size: number }): Catalogue {
  if (!missing.size) return catalogue;
  const products = catalogue.products.map((product) => ({
    ...product,
    images: product.images.filter(({ id }) => !missing.has(id)),
  }));
  const pairs = catalogue.pairs.flatMap((pair) => {
    const { image, ...query } = pair.query;
    if (!image || !missing.has(image.id)) return [pair];
    return query.text ? [{ ...pair, query }] : [];
  });
  return { ...catalogue, products, pairs };
}
