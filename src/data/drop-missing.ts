import type { Catalogue } from './types.js';

/**
 * Remove images that could not be read from a catalogue. Products keep their other images and queries keep their text; a query that only
 * has an image is dropped.
 * @param missing ids of the images to remove
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
  const enriched =
    catalogue.enriched &&
    new Map(
      [...catalogue.enriched].map(([id, { views, ...rest }]) => [
        id,
        { ...rest, views: views.filter((view) => !missing.has(view.id)) },
      ]),
    );
  return { ...catalogue, products, pairs, ...(enriched && { enriched }) };
}
