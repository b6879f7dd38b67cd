import { randomStream } from '../../../src/engine/random.js';
import type { EmbeddingRows } from '../../../src/search/files/embedding-table.js';

const categories = ['Food > Fruit > Apple', 'Food > Fruit', 'Food', 'Foodstuff', 'Home > Mugs', null];

/** Random vectors with a title, a category and a colour; every 20th vector is the one before it again. */
export function randomRows(count: number, width = 8, name = 'stores'): EmbeddingRows {
  const stream = randomStream(1, name);
  const vectors = Float32Array.from({ length: count * width }, () => stream.normal());
  for (let row = 20; row < count; row += 20) vectors.copyWithin(row * width, (row - 1) * width, row * width);
  const rows = Array.from({ length: count }, (_, row) => row);
  return {
    ids: rows.map((row) => `p${row}`),
    vectors,
    width,
    fields: {
      title: rows.map((row) => `product ${row}`),
      category: rows.map((row) => categories[row % categories.length]),
      colour: rows.map((row) => (row % 5 ? ['red', 'blue'][(row % 5) % 2] : null)),
    },
  };
}

/** The slow obvious search: every cosine, in order of similarity, then of id. */
export function slowSearch(
  { ids, vectors, width }: EmbeddingRows,
  query: Float32Array,
  isIn: (row: number) => boolean,
) {
  const length = (vector: Float32Array) => Math.hypot(...vector);
  return ids
    .map((id, row) => {
      const own = vectors.subarray(row * width, (row + 1) * width);
      const similarity = query.reduce((sum, one, axis) => sum + one * own[axis], 0) / (length(query) * length(own));
      // Rounded, so that the order of the sum does not decide between equal vectors.
      return { row, id, similarity: Number(similarity.toFixed(12)) };
    })
    .filter(({ row }) => isIn(row))
    .sort((a, b) => b.similarity - a.similarity || (a.id < b.id ? -1 : 1));
}
