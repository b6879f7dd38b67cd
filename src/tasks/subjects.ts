import type { Catalogue, Pair, Product, ProductImage } from '../data/types.js';
import { queryForm } from '../data/types.js';
import type { TaskSource } from './task.js';

/** An image of a product to be classified: a photo, or the product's main image. */
export interface Subject {
  id: string;
  product: Product;
  image: ProductImage;
}

export function productsById({ products }: Catalogue): ReadonlyMap<string, Product> {
  return new Map(products.map((product) => [product.id, product]));
}

/** Whether the queries are the products' own titles, as where a catalogue has no queries: a gallery that they search must not show titles. */
export function askByTitle(pairs: readonly Pair[], products: ReadonlyMap<string, Product>): boolean {
  return pairs.length > 0 && pairs.every(({ query, product }) => query.text === products.get(product)?.title);
}

/**
 * Photos that are queries in this split. For unseen products (a fold of G2) these are all their photos of `train`, `dev` and the split
 * itself.
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

/** Products with a pair in the split. */
export function productsOf({ catalogue, split }: TaskSource): Product[] {
  const asked = new Set(catalogue.pairs.flatMap((pair) => (pair.split === split ? pair.product : [])));
  return catalogue.products.filter(({ id }) => asked.has(id));
}

/** The main images of products that have one. */
export function mainImages(products: readonly Product[]): Subject[] {
  return products.flatMap((product) => {
    const [image] = product.images;
    return image ? [{ id: product.id, product, image }] : [];
  });
}

/** Products seen in training; all products of the catalogue if no pair is for training. */
export function trainingProducts({ catalogue, unseen }: TaskSource): Product[] {
  const seen = productsOf({ catalogue, split: 'train' }).filter(({ id }) => !unseen?.has(id));
  return seen.length ? seen : catalogue.products;
}
