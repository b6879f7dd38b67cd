import type { EmbeddingRows } from './embedding-table.js';

/** Some rows with their fields, in the order of `rows`. */
export function pickRows({ ids, vectors, width, fields }: EmbeddingRows, rows: readonly number[]): EmbeddingRows {
  const own = new Float32Array(rows.length * width);
  rows.forEach((row, at) => void own.set(vectors.subarray(row * width, (row + 1) * width), at * width));
  return {
    ids: rows.map((row) => ids[row]),
    vectors: own,
    width,
    fields: Object.fromEntries(Object.entries(fields).map(([name, values]) => [name, rows.map((row) => values[row])])),
  };
}
