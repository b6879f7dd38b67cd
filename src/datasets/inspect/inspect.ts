import type { Reading } from '../../data/catalogue-builder.js';
import { type CategoryNode, categoryTree, countLeaves, treeDepth } from '../../data/category-tree.js';
import { countFound, type Found } from '../../data/found.js';
import { type NeighbourCheck, neighbourCheck, photoFeature, photosToCheck } from '../../data/neighbour-check.js';
import type { ColumnMap } from '../../data/tables/columns.js';
import type { Catalogue, DataIssue, ProductImage, QueryForm } from '../../data/types.js';
import { type DuplicateGroup, duplicateGroups } from '../../pictures/duplicates.js';
import { type Fingerprint, fingerprint } from '../../pictures/same-images.js';
import { visitImages } from '../../pictures/visit-images.js';
import { type OpenOptions, readData } from '../open.js';

/** What is in a data folder. */
export interface Inspection {
  adapter: string;
  /** The counts that training and evaluation say first; all that is here beside them follows from them or names what they count. */
  found: Found;
  products: number;
  /** Distinct image files that are there, of products and of queries, broken ones included. */
  images: number;
  pairs: Record<QueryForm, number>;
  /** Depth of the category tree and its nodes without children. */
  categories: { levels: number; leaves: number };
  /** Attribute name -> how many distinct values it has. */
  attributes: Record<string, number>;
  /** Everything repaired, refused, missing, broken or twice there. */
  issues: DataIssue[];
  /** Attribute name -> how many products have it. */
  coverage: Record<string, number>;
  /** The categories of the first level. */
  tree: CategoryNode[];
  duplicates: DuplicateGroup[];
  /** Is the dev split as hard as validation? Empty without both. */
  neighbours: NeighbourCheck[];
  /** How the columns of a table were understood. */
  columns?: ColumnMap;
}

/** Products that one message names: a placeholder can make thousands equal. */
const mostNamed = 20;

/**
 * Read a data folder and every image in it. See `openCatalogue` for the options.
 * @throws UserError when nothing there can be read as products
 */
export async function inspectData(path: string, options: OpenOptions = {}): Promise<Inspection> {
  return inspectReading(await readData(path, options));
}

/** The same of what was read already (`readData`). */
export async function inspectReading({ catalogue, ...reading }: Reading): Promise<Inspection> {
  const { products } = catalogue;
  const issues = [...catalogue.issues];
  const broken = new Map<string, string>();
  const images = imagesOf(catalogue);
  const mainImages = new Set(products.map(({ images: [main] }) => main?.id));
  const photos = photosToCheck(catalogue);
  const pictures = new Map<string, Fingerprint>();
  const features = new Map<string, Float32Array>();

  await visitImages(
    images,
    ({ id }, raster) => {
      if (mainImages.has(id)) pictures.set(id, fingerprint(raster));
      if (photos.has(id)) features.set(id, photoFeature(raster));
    },
    ({ id }, reason) => {
      broken.set(id, reason);
      issues.push({
        ...(reading.imagePlaces.get(id) ?? { file: id }),
        kind: 'broken-image',
        message: `${id}: ${reason}`,
      });
    },
  );

  const duplicates = duplicateGroups(products, pictures);
  for (const { by, products: ids } of duplicates) {
    const place = reading.productPlaces.get(ids[1]) ?? { file: '' };
    const rest = ids.length > mostNamed ? ` and ${ids.length - mostNamed} more` : '';
    const message = `one ${by}: products ${ids.slice(0, mostNamed).join(', ')}${rest}`;
    issues.push({ ...place, kind: 'near-duplicate', message });
  }
  const computed = neighbourCheck(catalogue, features);
  const attributes = collectAttributes(catalogue);
  const tree = categoryTree(products.map(({ category }) => category));
  const found = countFound(catalogue, broken);
  return {
    adapter: catalogue.adapter,
    found,
    products: found.products.all,
    images: found.images.found + found.images.unreadable,
    pairs: sumForms(found),
    categories: { levels: treeDepth(tree), leaves: countLeaves(tree) },
    attributes: Object.fromEntries([...attributes].map(([name, { values }]) => [name, values.size])),
    issues: issues.sort(byPlace),
    coverage: Object.fromEntries([...attributes].map(([name, entry]) => [name, entry.products])),
    tree,
    duplicates,
    neighbours: [...(reading.neighbours ?? []), ...(computed ? [computed] : [])],
    ...(reading.columns && { columns: reading.columns }),
  };
}

/** Each image once, whether a product or a query shows it. */
function imagesOf({ products, pairs }: Catalogue): ProductImage[] {
  const images = new Map<string, ProductImage>();
  for (const product of products) for (const image of product.images) images.set(image.id, image);
  for (const { query } of pairs) if (query.image) images.set(query.image.id, query.image);
  return [...images.values()];
}

/** Images are decoded side by side: without an order the same data would give another report each time. */
function byPlace(a: DataIssue, b: DataIssue): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0);
}

function sumForms({ pairs }: Found): Record<QueryForm, number> {
  const of = (form: QueryForm) => Object.values(pairs).reduce((sum, counts) => sum + counts[form], 0);
  return { text: of('text'), image: of('image'), product: of('product') };
}

/** Attribute name -> its values, and how many products have it. */
function collectAttributes({ products }: Catalogue): Map<string, { values: Set<string>; products: number }> {
  const found = new Map<string, { values: Set<string>; products: number }>();
  for (const { attributes } of products) {
    for (const [name, list] of Object.entries(attributes)) {
      const entry = found.get(name) ?? { values: new Set(), products: 0 };
      for (const value of list) entry.values.add(value);
      entry.products++;
      found.set(name, entry);
    }
  }
  return found;
}
