import { UserError } from '../checks/error.js';
import { countPairs } from './found.js';
import { pairsText } from './found-text.js';
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
   * For each level: product id -> the products of its category, including itself. `families[0]` shares the full path, `families[1]` the
   * path without its last level, and so on.
   */
  families: ReadonlyMap<string, TrainingProduct[]>[];
  /** Product id -> number, for all products of the catalogue; duplicates share a number. */
  numbers: ReadonlyMap<string, number>;
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
  const asked = new Map<string, Pick<TrainingProduct, 'photos' | 'texts'> & { wrong?: Set<string> }>();
  for (const { query, product, split, wrong } of catalogue.pairs) {
    if (split !== 'train') continue;
    const known = asked.get(product) ?? { photos: [], texts: [] };
    if (query.image) known.photos.push(query.image);
    if (query.text) known.texts.push(query.text);
    if (wrong) {
      known.wrong ??= new Set();
      for (const shown of [query.image?.id, query.text]) if (shown) known.wrong.add(shown);
    }
    asked.set(product, known);
  }
  const products = catalogue.products
    .filter(({ id }) => asked.has(id))
    .map((product) => ({
      number: numbers.get(product.id)!,
      product,
      ...shownAs(product, catalogue.enriched?.get(product.id)),
      ...asked.get(product.id)!,
    }));
  if (products.length < 2)
    throw new UserError(
      `${catalogue.root || catalogue.adapter}: ${products.length} product${products.length === 1 ? ' has a training query' : 's have training queries'}, and contrastive training needs at least 2. Queries by split: ${pairsText(countPairs(catalogue.pairs))}. Add queries of the split train for at least two products${catalogue.products.some(({ title }) => title) ? '' : ': no product has a title, which would be one'}.`,
    );
  const depth = Math.max(1, ...products.map(({ product }) => product.category.length));
  return {
    products,
    byId: new Map(products.map((each) => [each.product.id, each])),
    families: Array.from({ length: depth }, (_, up) => familiesOf(products, up)),
    numbers,
  };
}

function shownAs(product: Product, enriched: Enriched | undefined): Pick<TrainingProduct, 'shown' | 'views'> {
  if (!enriched) return {};
  const { views, title } = enriched;
  return { views, ...(title && { shown: { ...product, title: `${product.title} ${title}`.trim() } }) };
}

/** Product id -> the products that share its category path without the last `up` levels. */
function familiesOf(products: TrainingProduct[], up: number): Map<string, TrainingProduct[]> {
  const sets = new Map<string, TrainingProduct[]>();
  const keyOf = ({ product: { category } }: TrainingProduct) =>
    JSON.stringify(category.slice(0, Math.max(1, category.length - up)));
  for (const each of products) {
    const set = sets.get(keyOf(each));
    if (set) set.push(each);
    else sets.set(keyOf(each), [each]);
  }
  return new Map(products.map((each) => [each.product.id, sets.get(keyOf(each))!]));
}
