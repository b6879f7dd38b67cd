import { withoutImages } from './drop-missing.js';
import { plainTitle } from './plain-title.js';
import { productNumbers } from './product-numbers.js';
import { type Catalogue, type DataIssue, type Product, type QueryForm, queryForm, type Split } from './types.js';

/** Counts of what was found in a catalogue and what is missing. Every result computed from the catalogue begins with them. */
export interface Found {
  /** The data folder in which images were looked up; empty for generated data. */
  root: string;
  /** The number of products, and how many of them have a displayable image, a title, a category, an attribute. */
  products: { all: number; image: number; title: number; category: number; attributes: number };
  images: {
    /** Distinct images of products and queries that exist and are not known to be unreadable. */
    found: number;
    /** Distinct images that the data refer to but that do not exist. */
    missing: number;
    /** Images that exist but cannot be read. Known only after the images were read. */
    unreadable: number;
    /** An example: a missing image or, if none is missing, an unreadable one. */
    example?: { name: string; file?: string; line?: number };
  };
  /** Pairs by split and by what their query holds; splits without pairs are left out. */
  pairs: Partial<Record<Split, Record<QueryForm, number>>>;
  /** What queries were made from, where the data have none. */
  queriesFrom?: string;
  /** Pairs whose query consists of a single image that is missing or unreadable. */
  pairsLeftOut: number;
  /**
   * Products that are sampled in training, i.e. with a pair of the split `train`; `image` counts those that have an image of their own or
   * in a query.
   */
  training: { products: number; image: number };
  /** Training products (all products if there is no pair for training) that are treated as each other's negatives although ... */
  alike: {
    /** ... another product has the same title (`plainTitle`), */
    title: number;
    /** or another product has equal title, category, attributes and images. */
    everything: number;
  };
}

/**
 * Count what is available for training and for queries.
 * @param unreadable ids of images that could not be read, such as `pixels.missing`
 */
export function countFound(catalogue: Catalogue, unreadable: ReadonlyMap<string, string> = new Map()): Found {
  const { products, pairs } = withoutImages(catalogue, unreadable);
  const count = (has: (product: Product) => unknown) => products.filter(has).length;
  const images = imageIds(catalogue);
  const broken = images.filter((id) => unreadable.has(id));
  const lost = catalogue.issues.filter(({ image }) => image !== undefined);
  const pictured = new Set(
    pairs.flatMap(({ query, split, product }) => (query.image && split === 'train' ? product : [])),
  );
  const asked = new Set(pairs.flatMap(({ split, product }) => (split === 'train' ? product : [])));
  const training = products.filter(({ id }) => asked.has(id));
  const example = exampleOf(lost, broken);
  return {
    root: catalogue.root,
    products: {
      all: products.length,
      image: count((product) => product.images.length),
      title: count(({ title }) => title),
      category: count(({ category }) => category.length),
      attributes: count(({ attributes }) => Object.keys(attributes).length),
    },
    images: {
      found: images.length - broken.length,
      missing: new Set(lost.map(({ image }) => image)).size,
      unreadable: broken.length,
      ...(example && { example }),
    },
    pairs: countPairs(pairs),
    ...(catalogue.queriesFrom === undefined ? {} : { queriesFrom: catalogue.queriesFrom }),
    pairsLeftOut: lost.filter((issue) => issue.leavesOutQuery).length + catalogue.pairs.length - pairs.length,
    training: {
      products: training.length,
      image: training.filter((product) => product.images.length || pictured.has(product.id)).length,
    },
    alike: countAlike(training.length ? training : products, catalogue),
  };
}

/** Ids of all images without repetition. */
function imageIds({ products, pairs }: Catalogue): string[] {
  const ofProducts = products.flatMap(({ images }) => images.map(({ id }) => id));
  return [...new Set([...ofProducts, ...pairs.flatMap(({ query }) => query.image?.id ?? [])])];
}

/** Whether anything that the data refer to is missing. */
export function isIncomplete({ images, pairsLeftOut }: Found): boolean {
  return images.missing + images.unreadable + pairsLeftOut > 0;
}

function exampleOf([missing]: readonly DataIssue[], [unreadable]: readonly string[]): Found['images']['example'] {
  if (missing) return { name: missing.image!, file: missing.file, ...(missing.line && { line: missing.line }) };
  return unreadable === undefined ? undefined : { name: unreadable };
}

/** Pairs by split and by what their query holds; splits without pairs are left out. */
export function countPairs(pairs: Catalogue['pairs']): Found['pairs'] {
  const counts: Found['pairs'] = {};
  for (const split of ['train', 'dev', 'val', 'test'] as const) {
    const forms = { text: 0, image: 0, product: 0 };
    for (const pair of pairs) if (pair.split === split) forms[queryForm(pair.query)]++;
    if (forms.text + forms.image + forms.product) counts[split] = forms;
  }
  return counts;
}

/** Products with the same number are never each other's negatives, so they do not count as alike. */
function countAlike(products: readonly Product[], { products: all, duplicates }: Catalogue): Found['alike'] {
  const titled = repeats(products, ({ title }) => plainTitle(title));
  const equal = [...titled.values()].flatMap((group) => [...repeats(group, everythingShown).values()]);
  titled.delete('');
  if (!titled.size && !equal.length) return { title: 0, everything: 0 };
  const numbers = productNumbers(
    all.map(({ id }) => id),
    duplicates,
  );
  const count = (groups: Iterable<Product[]>) =>
    [...groups]
      .filter((group) => new Set(group.map(({ id }) => numbers.get(id))).size > 1)
      .reduce((sum, group) => sum + group.length, 0);
  return { title: count(titled.values()), everything: count(equal) };
}

/** Groups of several products with equal keys, by key. Most products stand alone, and a group for each would take too much memory. */
function repeats(products: readonly Product[], keyOf: (product: Product) => string): Map<string, Product[]> {
  const firsts = new Map<string, Product>();
  const groups = new Map<string, Product[]>();
  for (const product of products) {
    const key = keyOf(product);
    const first = firsts.get(key);
    const group = groups.get(key);
    if (!first) firsts.set(key, product);
    else if (group) group.push(product);
    else groups.set(key, [first, product]);
  }
  return groups;
}

function everythingShown({ title, category, attributes, images }: Product): string {
  const values = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([plainTitle(title), category, values, images.map(({ id }) => id)]);
}
