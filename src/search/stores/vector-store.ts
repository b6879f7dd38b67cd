import type { Embeddings } from '../embeddings.js';
import type { EmbeddingRows } from '../files/embedding-table.js';

/** Vectors to search with, [count, width], row by row; of any length, since cosines are compared. */
export type QueryVectors = Pick<Embeddings, 'vectors' | 'width'>;

/** What a field of an item must be. A category also matches what lies below it: `Food` matches `Food > Fruit`. */
export interface Condition {
  field: string;
  value: string;
}

/** Up to this many vectors a search compares with every one of them; above it, with those that an index of neighbours offers. */
export const EXACT_UP_TO = 200_000;

export interface StoreSearchOptions {
  /** Only items for which all conditions hold. Such a search is always exact. */
  where?: readonly Condition[];
  /** Ids to leave out, such as the product whose neighbours are looked for. */
  without?: readonly string[];
  /** Default: exact up to 200,000 vectors (`EXACT_UP_TO`), approximate above. */
  method?: 'exact' | 'approximate';
}

/** An item that a search found. */
export interface FoundItem {
  id: string;
  /** Cosine of the angle to the query, in double precision. */
  similarity: number;
  fields: Record<string, string | null>;
}

/**
 * Vectors with ids and text fields that can be searched. Every store gives the same answers: the most similar items first, computed in
 * double precision from the same float32 numbers, and of equal ones the one whose id sorts first (`rank-candidates`). An approximate search
 * may miss items; those it finds have the same similarities.
 */
export interface VectorStore {
  /** As given: a file, `postgres:TABLE` or `lance:FOLDER`. */
  readonly name: string;
  /** Length of its vectors; undefined while it holds none. */
  readonly width: number | undefined;
  /** Sentences about rows that were left out when it was opened. */
  readonly notes: readonly string[];
  /** Names of the fields that its items have. */
  fields(): Promise<readonly string[]>;
  /**
   * Add items, and replace those with the same id: all of them or, on an error, none.
   * @returns how many were put
   * @throws UserError for another width, or an id that is given twice
   */
  put(parts: Iterable<EmbeddingRows>): Promise<number>;
  /** All items, in no stated order. */
  rows(): Promise<EmbeddingRows>;
  /** Some items, in the order of the ids. @throws UserError naming an id that is not there */
  items(ids: readonly string[]): Promise<EmbeddingRows>;
  /**
   * The `k` most similar items of each query; fewer where there are not so many.
   * @throws UserError for another width, a query that is zero or not finite, or a field that no item has
   */
  search(queries: QueryVectors, k: number, options?: StoreSearchOptions): Promise<FoundItem[][]>;
  /** Free what it holds: memory of the engine, a connection. */
  close(): Promise<void>;
}
