/**
 * Vectors with a name each: `vectors` is [ids.length, width], row by row, of length one as networks give them; what compares them scales
 * others (`unitEmbeddings`). In a gallery the best of equal ids counts.
 */
export interface Embeddings {
  ids: readonly string[];
  vectors: Float32Array;
  width: number;
}

/** Where one query found what it asked for. */
export interface Rank {
  query: string;
  /** Id of what is relevant; of several the first that was given. */
  gold: string;
  /** Items before the best relevant one, and other items that tie with it. */
  before: number;
  tied: number;
  /** Relevant items that share the best one's similarity: 1, more where a query has several. */
  relevant: number;
  /** The best relevant item's similarity. */
  similarity: number;
  /** Ids of the ten nearest items, nearest first, and their similarities. */
  top: { id: string; similarity: number }[];
  /** Ids of all items that share the highest similarity, one as a rule; of more than 700, at least the first 700. */
  best: string[];
  /**
   * Of every relevant item, in the order given: items before it, and others that tie with it, relevant ones among both. Where it is asked
   * for (`rankEveryItem`).
   */
  places?: { before: number; tied: number }[];
}
