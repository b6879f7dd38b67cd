import type { Catalogue, Product, ProductImage } from '../data/types.js';
import { queryForm } from '../data/types.js';
import { UserError } from '../engine/check.js';

/** A product with the photos that training may use as queries. */
export interface TrainingProduct {
  /** Its number: equal numbers are never each other's negatives. */
  number: number;
  product: Product;
  photos: ProductImage[];
}

/** What training draws from: the products that have a training query, and which of them are alike. */
export interface Corpus {
  products: TrainingProduct[];
  /** Products by category, from the leaf to the root: `siblings[0]` shares the leaf. Only sets of at least two. */
  siblings: TrainingProduct[][][];
}

/** Collect the pairs of the train split by product. @throws UserError when there is nothing to train on. */
export function collectCorpus(catalogue: Catalogue): Corpus {
  const photosOf = new Map<string, ProductImage[]>();
  for (const { query, product, split } of catalogue.pairs) {
    if (split !== 'train' || queryForm(query) === 'text') continue;
    const photos = photosOf.get(product);
    if (photos) photos.push(query.image!);
    else photosOf.set(product, [query.image!]);
  }
  const products = catalogue.products
    .filter((product) => photosOf.has(product.id))
    .map((product, number) => ({ number, product, photos: photosOf.get(product.id)! }));
  if (products.length < 2)
    throw new UserError(
      `${catalogue.root || catalogue.adapter}: ${products.length} products have training photos, and contrastive training needs at least 2. Check the split with moon-lab data inspect.`,
    );
  const depth = Math.max(...products.map(({ product }) => product.category.length));
  const siblings = Array.from({ length: depth }, (_, up) => groupByCategory(products, up));
  return { products, siblings };
}

/** Sets of products that share their category path without its last `up` levels. */
function groupByCategory(products: TrainingProduct[], up: number): TrainingProduct[][] {
  const sets = new Map<string, TrainingProduct[]>();
  for (const each of products) {
    const path = each.product.category;
    const key = path.slice(0, Math.max(1, path.length - up)).join(' > ');
    sets.set(key, [...(sets.get(key) ?? []), each]);
  }
  return [...sets.values()].filter((set) => set.length > 1);
}
