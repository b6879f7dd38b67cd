import type { RegionRequest } from '../data/region.js';
import type { Catalogue, ProductImage } from '../data/types.js';

/** A request and the product that the image shows. */
export type ProductRequest = RegionRequest & { product: string };

/** Requests for the main images of products, with their titles. */
export function productRequests({ products }: Catalogue): ProductRequest[] {
  return products.flatMap(({ id, title, images }) =>
    images.slice(0, 1).map((image) => ({ image, title, product: id })),
  );
}

/** Requests for the images of queries. They never include a query's text, which would tell the detector what the query searches for. */
export function queryRequests({ pairs }: Catalogue): ProductRequest[] {
  return pairs.flatMap(({ query, product }) => (query.image ? [{ image: query.image, product }] : []));
}

/**
 * Requests for every image that training or evaluation may show: once without a title, because a product's image can be a query by itself,
 * and for main images once more with the title, unless the detector does not read titles.
 */
export function regionRequests(catalogue: Catalogue, { titles = true } = {}): RegionRequest[] {
  const [products, queries] = [productRequests(catalogue), queryRequests(catalogue)];
  const views = [...(catalogue.enriched?.values() ?? [])].flatMap((each) => each.views);
  const requests: RegionRequest[] = [];
  const [asked, askedWithTitle] = [new Set<string>(), new Set<string>()];
  const add = (image: ProductImage, title?: string) => {
    const [known, key] = title === undefined ? [asked, image.id] : [askedWithTitle, JSON.stringify([image.id, title])];
    if (known.has(key)) return;
    known.add(key);
    requests.push(title === undefined ? { image } : { image, title });
  };
  if (titles) for (const { image, title } of products) add(image, title);
  for (const { image } of [...products, ...queries]) add(image);
  for (const image of views) add(image);
  return requests;
}
