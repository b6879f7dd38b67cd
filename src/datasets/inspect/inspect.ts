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

/** The content of a data folder, in counts and issues. */
export interface Inspection {
  adapter: string;
  /** The counts that training and evaluation print first. The other fields are derived from them or list what they count. */
  found: Found;
  products: number;
  /** Distinct image files of products and queries that exist, including unreadable ones. */
  images: number;
  pairs: Record<QueryForm, number>;
  /** Depth of the category tree and its nodes without children. */
  categories: { levels: number; leaves: number };
  /** Attribute name -> number of distinct values. */
  attributes: Record<string, number>;
  /** Everything that was repaired, refused, missing, unreadable or duplicated. */
  issues: DataIssue[];
  /** Attribute name -> number of products that have it. */
  coverage: Record<string, number>;
  /** The top-level categories. */
  tree: CategoryNode[];
  duplicates: DuplicateGroup[];
  /** Whether the dev split is as hard as val. Empty if one of them is missing. */
  neighbours: NeighbourCheck[];
  /** The column mapping that was used for a table. */
  columns?: ColumnMap;
  /** The known layout of a table, in place of a mapping. */
  layout?: string;
}

/** Maximum number of products that one message lists: a placeholder image can make thousands equal. */
const MAX_NAMED = 20;

/**
 * Read a data folder and every image in it. See `openCatalogue` for the options.
 * @throws UserError if nothing can be read as products
 * @example
 * ```ts
 * const inspection = await moon.inspectData('data/grocery');
 * console.log(moon.datasets.inspectionText(inspection));
 * ```
 */
export async function inspectData(path: string, options: OpenOptions = {}): Promise<Inspection> {
  return inspectReading(await readData(path, options));
}

/** Like `inspectData`, for data that were already read with `readData`. */
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
    const rest = ids.length > MAX_NAMED ? ` and ${ids.length - MAX_NAMED} more` : '';
    const message = `one ${by}: products ${ids.slice(0, MAX_NAMED).join(', ')}${rest}`;
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
    ...(reading.layout !== undefined && { layout: reading.layout }),
  };
}

/** All distinct images of products and queries. */
function imagesOf({ products, pairs }: Catalogue): ProductImage[] {
  const images = new Map<string, ProductImage>();
  for (const product of products) for (const image of product.images) images.set(image.id, image);
  for (const { query } of pairs) if (query.image) images.set(query.image.id, query.image);
  return [...images.values()];
}

/** Images are decoded in parallel, so issues must be sorted to make reports reproducible. */
function byPlace(a: DataIssue, b: DataIssue): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0);
}

function sumForms({ pairs }: Found): Record<QueryForm, number> {
  const of = (form: QueryForm) => Object.values(pairs).reduce((sum, counts) => sum + counts[form], 0);
  return { text: of('text'), image: of('image'), product: of('product') };
}

/** Attribute name -> its values, and the number of products that have it. */
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
