import { pickVectors } from '../pick-vectors.js';
import type { EmbeddingRows } from './embedding-table.js';

/** Some rows with their fields, in the order of `rows`. */
export function pickRows({ ids, vectors, width, fields }: EmbeddingRows, rows: readonly number[]): EmbeddingRows {
  return {
    ids: rows.map((row) => ids[row]),
    vectors: pickVectors(vectors, width, rows),
    width,
    fields: Object.fromEntries(Object.entries(fields).map(([name, values]) => [name, rows.map((row) => values[row])])),
  };
}
