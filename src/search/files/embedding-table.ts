import type { Embeddings } from '../embeddings.js';

/** Text fields of vectors, such as `title`: a value or null for every row. */
export type Fields = Record<string, readonly (string | null)[]>;

/** Vectors with ids and fields. */
export interface EmbeddingRows extends Embeddings {
  fields: Fields;
}

export const emptyRows: EmbeddingRows = { ids: [], vectors: new Float32Array(0), width: 0, fields: {} };

/** What is written to an embedding file, part by part, so that not all vectors need be in memory. */
export interface EmbeddingTable {
  count: number;
  width: number;
  /** Names of the fields that every part has. */
  fields: readonly string[];
  parts(): Iterable<EmbeddingRows>;
}

/** Rows in memory as a table of one part. */
export function tableOfRows(rows: EmbeddingRows): EmbeddingTable {
  return { count: rows.ids.length, width: rows.width, fields: Object.keys(rows.fields), parts: () => [rows] };
}

/** What a file holds, and sentences about rows that were left out. */
export interface ReadRows {
  rows: EmbeddingRows;
  notes: string[];
}

/** A kind of file that holds embeddings. */
export interface EmbeddingFormat {
  /** Endings of its files, with the dot; the first one is written. */
  endings: readonly string[];
  /** @throws UserError naming what is wrong with the file, and where */
  read(path: string): Promise<ReadRows>;
  /** Written aside and renamed; absent for a format that is only read. @throws UserError if it cannot be written */
  write?(path: string, table: EmbeddingTable): void;
}
