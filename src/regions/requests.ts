import type { RegionRequest } from '../data/region.js';
import type { Catalogue } from '../data/types.js';

/** A request with the product that the image shows. */
export type ProductRequest = RegionRequest & { product: string };

/** Main images of products, with their titles. */
export function productRequests({ products }: Catalogue): ProductRequest[] {
  return products.flatMap(({ id, title, images }) =>
    images.slice(0, 1).map((image) => ({ image, title, product: id })),
  );
}

/** Images of queries. A query's text is never passed on, or a detector would be told what the query is to find. */
export function queryRequests({ pairs }: Catalogue): ProductRequest[] {
  return pairs.flatMap(({ query, product }) => (query.image ? [{ image: query.image, product }] : []));
}

/**
 * Every image that training or evaluation may show, once without a title: alone, an image of a product is a query too. Main images of
 * products once more with their titles, unless the detector does not read titles.
 */
export function regionRequests(catalogue: Catalogue, { titles = true } = {}): RegionRequest[] {
  const [products, queries] = [productRequests(catalogue), queryRequests(catalogue)];
  const requests: RegionRequest[] = [
    ...(titles ? products : []),
    ...[...products, ...queries].map(({ image }) => ({ image })),
  ];
  return [
    ...new Map(requests.map(({ image, title }) => [JSON.stringify([image.id, title]), { image, title }])).values(),
  ];
}
