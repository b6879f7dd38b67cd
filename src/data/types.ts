/** The data model: products, queries and pairs. Adapters produce these plain records, and all other code depends on them alone. */

/** A box in fractions of the image's width and height, origin at the top left: 0 <= x1 < x2 <= 1, 0 <= y1 < y2 <= 1. */
export interface Box {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/** Eight-bit RGB pixels, row by row. `data` has shape [height, width, 3]. */
export interface Raster {
  width: number;
  height: number;
  data: Uint8Array;
}

/**
 * The source of an image's pixels: a file inside the data folder, or a function that draws them (generated shop). For the same version of
 * the code, drawings with the same `key` are identical.
 */
export type ImageSource = { kind: 'file'; path: string } | { kind: 'drawn'; draw: () => Raster; key?: string };

/**
 * An image of a product or of a query. Its pixels are read when they are needed.
 * @example
 * ```ts
 * const image: moon.ProductImage = {
 *   id: 'apple.jpg',
 *   source: { kind: 'file', path: 'photos/apple.jpg' },
 *   box: { x1: 0.2, y1: 0.1, x2: 0.8, y2: 0.9 },
 * };
 * ```
 */
export interface ProductImage {
  /** Unique in the catalogue and stable across sessions: a path relative to the data folder, or the name of the drawing. */
  id: string;
  source: ImageSource;
  /** The ground-truth box of the core product, if known. */
  box?: Box;
  /** Photos of one product taken in one burst share a group; a split never divides a group. */
  group?: string;
}

/**
 * A product as the network reads it. Whatever is unknown is empty.
 * @example
 * ```ts
 * const product: moon.Product = {
 *   id: 'granny-smith',
 *   title: 'Granny Smith',
 *   category: ['Fruit', 'Apple'],
 *   attributes: { colour: ['green'] },
 *   images: [{ id: 'apple.jpg', source: { kind: 'file', path: 'photos/apple.jpg' } }],
 * };
 * ```
 */
export interface Product {
  id: string;
  title: string;
  /** Root to leaf; empty when unknown. */
  category: string[];
  /** Attribute name -> its values. */
  attributes: Record<string, string[]>;
  /** The first is the main (iconic) image. */
  images: ProductImage[];
  /** The seller's long text. */
  description?: string;
  /** The same in short. */
  summary?: string;
}

/**
 * Text, image or both; at least one of the two is present.
 * @example
 * ```ts
 * const query: moon.Query = {
 *   id: 'q1',
 *   text: 'an apple like this, but green',
 *   image: { id: 'red.jpg', source: { kind: 'file', path: 'photos/red.jpg' } },
 * };
 * ```
 */
export interface Query {
  id: string;
  text?: string;
  image?: ProductImage;
}

export type QueryForm = 'text' | 'image' | 'product';

export type Split = 'train' | 'dev' | 'val' | 'test';

/**
 * A query and the id of the product that was bought (or of the label that is correct).
 * @example
 * ```ts
 * const query = { id: 'q1', text: 'green apple' };
 * const pair: moon.Pair = { query, product: 'granny-smith', split: 'train' };
 * ```
 */
export interface Pair {
  query: Query;
  product: string;
  split: Split;
  /** Known to be wrong: generated data keep the truth for controls. Training does not read it, except with reliability `oracle`. */
  wrong?: true;
}

/** A problem in the data. Whatever is repaired or left out is reported as an issue. */
export interface DataIssue {
  /** Relative to the data folder. */
  file: string;
  /** 1-based, where the file has lines. */
  line?: number;
  kind: string;
  message: string;
  /** The image that the row refers to and that was not found. */
  image?: string;
  /** Set if the row's query is left out because its image is missing. */
  leavesOutQuery?: true;
}

/**
 * Everything that was read of a data folder: products, queries with the right products, and what was wrong.
 * @example
 * ```ts
 * const { products, pairs, issues }: moon.Catalogue = await moon.openCatalogue('data/grocery');
 * console.log(products.length, pairs.length, issues);
 * ```
 */
export interface Catalogue {
  /** Name of the adapter that read it. */
  adapter: string;
  /** Absolute path of the data folder; empty for generated data. */
  root: string;
  products: Product[];
  pairs: Pair[];
  issues: DataIssue[];
  /** What queries were made from, where the data have none: `other pictures and attribute phrases`. */
  queriesFrom?: string;
  /** Groups of ids that denote the same product; never each other's negatives. */
  duplicates?: string[][];
  /** Product id -> what was generated for it. Training alone sees it. */
  enriched?: ReadonlyMap<string, Enriched>;
}

/** Generated views and text of a product of training. */
export interface Enriched {
  views: ProductImage[];
  title?: string;
}

/** The form of a query: text, image, or both (`product`). */
export function queryForm(query: Query): QueryForm {
  if (query.image && query.text) return 'product';
  return query.image ? 'image' : 'text';
}
