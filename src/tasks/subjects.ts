import type { Catalogue, Product, ProductImage } from '../data/types.js';
import { queryForm } from '../data/types.js';
import type { TaskSource } from './task.js';

/** A picture of a product that a label is asked of: a photo of it, or its main image. */
export interface Subject {
  id: string;
  product: Product;
  image: ProductImage;
}

export function productsById({ products }: Catalogue): ReadonlyMap<string, Product> {
  return new Map(products.map((product) => [product.id, product]));
}

/**
 * Photos that ask in this split. Of products that training has not seen (a fold of G2) all photos ask, those of `train` and `dev` too,
 * but no other split's.
 */
export function photosOf({ catalogue, split, unseen }: TaskSource): Subject[] {
  const products = productsById(catalogue);
  const splits = new Set(unseen ? ['train', 'dev', split] : [split]);
  return catalogue.pairs.flatMap(({ query, product: id, split: own }) => {
    const product = products.get(id);
    const asks = product && splits.has(own) && queryForm(query) === 'image' && (!unseen || unseen.has(id));
    return asks ? [{ id: query.id, product, image: query.image! }] : [];
  });
}

/** Products that have a pair of the split. */
export function productsOf({ catalogue, split }: TaskSource): Product[] {
  const asked = new Set(catalogue.pairs.flatMap((pair) => (pair.split === split ? pair.product : [])));
  return catalogue.products.filter(({ id }) => asked.has(id));
}

/** Those of them that have a main image. */
export function pictured(products: readonly Product[]): Subject[] {
  return products.flatMap((product) => {
    const [image] = product.images;
    return image ? [{ id: product.id, product, image }] : [];
  });
}

/** Products that training sees: the whole catalogue, where no pair is for training. */
export function trainingProducts({ catalogue, unseen }: TaskSource): Product[] {
  const seen = productsOf({ catalogue, split: 'train' }).filter(({ id }) => !unseen?.has(id));
  return seen.length ? seen : catalogue.products;
}
