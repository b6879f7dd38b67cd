import { withoutImages } from './drop-missing.js';
import { groupBy } from './group-by.js';
import { plainTitle } from './plain-title.js';
import { productNumbers } from './product-numbers.js';
import { type Catalogue, type DataIssue, type Product, type QueryForm, queryForm, type Split } from './types.js';

/** What was found of a catalogue and what was not, in counts. Every result that is made of it says so first. */
export interface Found {
  /** The data folder, where images were looked for; empty for generated data. */
  root: string;
  /** Products, and how many of them have an image that can be shown, a title, a category, an attribute. */
  products: { all: number; image: number; title: number; category: number; attributes: number };
  images: {
    /** Different images, of products and queries, that are there and not known to be unreadable. */
    found: number;
    /** Different images that the data name and that are not there. */
    missing: number;
    /** Images that are there and cannot be read; known once they were looked at. */
    unreadable: number;
    /** One that is missing or, where none is, unreadable. */
    example?: { name: string; file?: string; line?: number };
  };
  /** Pairs by split and by what their query holds; splits without pairs are left out. */
  pairs: Partial<Record<Split, Record<QueryForm, number>>>;
  /** Pairs whose query was an image alone that is missing or unreadable. */
  pairsLeftOut: number;
  /** Products that training draws from: those with a pair of the split `train`. And how many of them can show an image, of their own or of a query. */
  training: { products: number; image: number };
  /** Of the products that training draws from (of all, where no pair is for training), those that are taken for each other's negatives though ... */
  alike: {
    /** ... another has the same title (`plainTitle`), */
    title: number;
    /** or another is the same in every field that is shown: title, category, attributes, images. */
    everything: number;
  };
}

/**
 * Count what there is to train on and to ask.
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
    pairsLeftOut: lost.filter((issue) => issue.leavesOutQuery).length + catalogue.pairs.length - pairs.length,
    training: {
      products: training.length,
      image: training.filter((product) => product.images.length || pictured.has(product.id)).length,
    },
    alike: countAlike(training.length ? training : products, catalogue),
  };
}

/** Of all images, each once. */
function imageIds({ products, pairs }: Catalogue): string[] {
  const ofProducts = products.flatMap(({ images }) => images.map(({ id }) => id));
  return [...new Set([...ofProducts, ...pairs.flatMap(({ query }) => query.image?.id ?? [])])];
}

/** Whether something that the data name is not there. */
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
    const forms = pairs.filter((pair) => pair.split === split).map(({ query }) => queryForm(query));
    const of = (form: QueryForm) => forms.filter((each) => each === form).length;
    if (forms.length) counts[split] = { text: of('text'), image: of('image'), product: of('product') };
  }
  return counts;
}

/** Products that share a number are never each other's negatives: they do not count. */
function countAlike(products: readonly Product[], { products: all, duplicates }: Catalogue): Found['alike'] {
  const numbers = productNumbers(
    all.map(({ id }) => id),
    duplicates,
  );
  const shared = (keyOf: (product: Product) => string) =>
    [...groupBy(products, keyOf)]
      .filter(([key, group]) => key !== '' && new Set(group.map(({ id }) => numbers.get(id))).size > 1)
      .reduce((sum, [, group]) => sum + group.length, 0);
  return { title: shared(({ title }) => plainTitle(title)), everything: shared(everythingShown) };
}

function everythingShown({ title, category, attributes, images }: Product): string {
  const values = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([plainTitle(title), category, values, images.map(({ id }) => id)]);
}
