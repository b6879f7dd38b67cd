import type { Catalogue } from '../data/types.js';
import type { RegionRequest } from './region.js';

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

/** Both, every image with a title and every image without one once. */
export function regionRequests(catalogue: Catalogue): RegionRequest[] {
  const requests = [...productRequests(catalogue), ...queryRequests(catalogue)];
  return [
    ...new Map(requests.map(({ image, title }) => [JSON.stringify([image.id, title]), { image, title }])).values(),
  ];
}
