/**
 * Vectors with ids. `vectors` is [ids.length, width], row by row. Encoders return vectors of unit length; functions that compare vectors
 * normalise others (`unitEmbeddings`). In a gallery, ids may repeat; the best-ranked vector of an id counts.
 */
export interface Embeddings {
  ids: readonly string[];
  vectors: Float32Array;
  width: number;
}

/** The rank of the relevant item for one query. */
export interface Rank {
  query: string;
  /** Id of the relevant item; the first given if there are several. */
  gold: string;
  /** Number of items ranked before the best relevant one, and number of other items tied with it. */
  before: number;
  tied: number;
  /** Number of relevant items with the same similarity as the best one: 1 unless a query has several relevant items. */
  relevant: number;
  /** Similarity of the best relevant item. */
  similarity: number;
  /** Ids and similarities of the ten nearest items, nearest first. */
  top: { id: string; similarity: number }[];
  /** Ids of all items that share the highest similarity, usually one. If more than 700 do, at least the first 700. */
  best: string[];
  /**
   * For every relevant item in the given order: number of items before it, and of others tied with it, both including other relevant items.
   * Only set by `rankEveryItem`.
   */
  places?: { before: number; tied: number }[];
  /** What a kind of task measures in place of ranks: see `TaskKind.reads`. */
  value?: number;
  /** The same where a kind measures more than one thing, by the names of its metrics. */
  values?: Readonly<Record<string, number>>;
}
