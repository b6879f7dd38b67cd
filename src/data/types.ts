/** What every adapter gives and everything after the adapters sees: products, queries, pairs. Plain records only. */

/** A box in fractions of the image's width and height: 0 <= x1 < x2 <= 1, 0 <= y1 < y2 <= 1, origin top left. */
export interface Box {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/** Eight-bit RGB pixels, row by row: `data` is [height, width, 3]. */
export interface Raster {
  width: number;
  height: number;
  data: Uint8Array;
}

/**
 * Where pixels come from: a file inside the data folder, or a function that draws them (the generated shop). Drawings of one `key` are
 * the same to the last pixel, as long as the code is.
 */
export type ImageSource = { kind: 'file'; path: string } | { kind: 'drawn'; draw: () => Raster; key?: string };

export interface ProductImage {
  /** Unique in its catalogue and the same in every session (a path relative to the data folder, or the drawing's name). */
  id: string;
  source: ImageSource;
  /** The true box of the core product, where the data know it. */
  box?: Box;
  /** Photos of one product taken in one burst share a group; a split never divides a group. */
  group?: string;
}

export interface Product {
  id: string;
  title: string;
  /** Root to leaf; empty when unknown. */
  category: string[];
  /** Attribute name -> its values. */
  attributes: Record<string, string[]>;
  /** The first is the main (iconic) image. */
  images: ProductImage[];
  description?: string;
}

/** Text, image or both; at least one of the two is present. */
export interface Query {
  id: string;
  text?: string;
  image?: ProductImage;
}

export type QueryForm = 'text' | 'image' | 'product';

export type Split = 'train' | 'dev' | 'val' | 'test';

/** A query and the id of the product that was bought for it (or of the label that stands for it). */
export interface Pair {
  query: Query;
  product: string;
  split: Split;
}

/** Something about the data that a user should know: nothing is repaired or refused in silence. */
export interface DataIssue {
  /** Relative to the data folder. */
  file: string;
  /** 1-based, where the file has lines. */
  line?: number;
  kind: string;
  message: string;
  /** The image that the row names and that was not found. */
  image?: string;
  /** Set where the row's query is left out with its image. */
  leavesOutQuery?: true;
}

export interface Catalogue {
  /** Name of the adapter that read it. */
  adapter: string;
  /** Absolute path of the data folder; empty for generated data. */
  root: string;
  products: Product[];
  pairs: Pair[];
  issues: DataIssue[];
  /** Sets of ids that are one product under several names: never each other's negatives. */
  duplicates?: string[][];
}

/** The form of a query, by what it holds. */
export function queryForm(query: Query): QueryForm {
  if (query.image && query.text) return 'product';
  return query.image ? 'image' : 'text';
}
