import { UserError } from '../checks/error.js';
import { countPairs } from './found.js';
import { pairsText } from './found-text.js';
import { groupBy } from './group-by.js';
import { productNumbers } from './product-numbers.js';
import type { Catalogue, Enriched, Product, ProductImage } from './types.js';

/** A product with its training queries. */
export interface TrainingProduct {
  /** Products with equal numbers are never each other's negatives. */
  number: number;
  product: Product;
  /** The product as items show it, with what was generated of its text; the product itself where left out. */
  shown?: Product;
  /** Generated views; items show them, queries do not. */
  views?: readonly ProductImage[];
  /** Query photos of the train split. */
  photos: ProductImage[];
  /** Query texts of the train split. */
  texts: string[];
  /** Ids of the photos, and texts, that are known to be wrong (`Pair.wrong`). */
  wrong?: ReadonlySet<string>;
}

/** The training set: all products that have a training query, and their category neighbours. */
export interface TrainingSet {
  products: TrainingProduct[];
  byId: ReadonlyMap<string, TrainingProduct>;
  /**
   * For each level: the products of a product's category, including itself. `families[0]` shares the full path, `families[1]` the path
   * without its last level, and so on.
   */
  families: ((product: Product) => readonly TrainingProduct[])[];
  /** Product id -> number, for all products of the catalogue; duplicates share a number. */
  numbers: ReadonlyMap<string, number>;
}

/**
 * The products that have a training query.
 * @throws UserError if there are fewer than two
 */
export function askedProducts(catalogue: Catalogue): Product[] {
  const asked = new Set<string>();
  for (const { product, split } of catalogue.pairs) if (split === 'train') asked.add(product);
  const products = catalogue.products.filter(({ id }) => asked.has(id));
  if (products.length < 2)
    throw new UserError(
      `${catalogue.root || catalogue.adapter}: ${products.length} product${products.length === 1 ? ' has a training query' : 's have training queries'}, and contrastive training needs at least 2. Queries by split: ${pairsText(countPairs(catalogue.pairs))}. Add queries of the split train for at least two products${catalogue.products.some(({ title }) => title) ? '' : ': no product has a title, which would be one'}.`,
    );
  return products;
}

/**
 * Collect the pairs of the train split by product.
 * @throws UserError if fewer than two products have training queries
 */
export function collectTrainingSet(catalogue: Catalogue): TrainingSet {
  const numbers = productNumbers(
    catalogue.products.map(({ id }) => id),
    catalogue.duplicates,
  );
  const products = askedProducts(catalogue).map(
    (product): TrainingProduct => ({
      number: numbers.get(product.id)!,
      product,
      ...shownAs(product, catalogue.enriched?.get(product.id)),
      photos: NONE,
      texts: NONE,
    }),
  );
  const byId = new Map(products.map((each) => [each.product.id, each]));
  for (const { query, product, split, wrong } of catalogue.pairs) {
    const known = split === 'train' ? byId.get(product) : undefined;
    if (!known) continue;
    if (query.image) known.photos = added(known.photos, query.image);
    if (query.text) known.texts = added(known.texts, query.text);
    if (wrong)
      known.wrong = new Set([...(known.wrong ?? []), ...[query.image?.id, query.text].flatMap((shown) => shown ?? [])]);
  }
  const depth = products.reduce((most, { product }) => Math.max(most, product.category.length), 1);
  return {
    products,
    byId,
    families: Array.from({ length: depth }, (_, up) => familiesOf(products, up)),
    numbers,
  };
}

const NONE: never[] = [];

/** A list with one more. The first makes a list of one: an empty list that is pushed to takes the memory of seventeen. */
function added<T>(list: T[], item: T): T[] {
  if (list === NONE) return [item];
  list.push(item);
  return list;
}

function shownAs(product: Product, enriched: Enriched | undefined): Pick<TrainingProduct, 'shown' | 'views'> {
  if (!enriched) return {};
  const { views, title } = enriched;
  return { views, ...(title && { shown: { ...product, title: `${product.title} ${title}`.trim() } }) };
}

/** Gives the products that share a product's category path without the last `up` levels. */
function familiesOf(products: TrainingProduct[], up: number): TrainingSet['families'][number] {
  const keyOf = ({ category }: Product) => JSON.stringify(category.slice(0, Math.max(1, category.length - up)));
  let sets: Map<string, TrainingProduct[]> | undefined;
  return (product) => {
    sets ??= groupBy(products, (each) => keyOf(each.product));
    return sets.get(keyOf(product))!;
  };
}
