import type { Product } from '../data/types.js';
import type { Embeddings } from '../search/embeddings.js';

/** The gallery in which products that lack a part have the vector of the filled one. Both are in one order. */
export function mixed(complete: Embeddings, filled: Embeddings, missing: ReadonlySet<string>): Embeddings {
  const { ids, width } = complete;
  const vectors = complete.vectors.slice();
  for (const [at, id] of ids.entries())
    if (missing.has(id)) vectors.set(filled.vectors.subarray(at * width, (at + 1) * width), at * width);
  return { ids, vectors, width };
}

/** Vectors of products, of which some have none and are zeros. */
export function withZeros(products: readonly Product[], found: Embeddings | undefined, width: number): Embeddings {
  const vectors = new Float32Array(products.length * width);
  const rowOf = new Map(found?.ids.map((id, row) => [id, row]));
  for (const [at, { id }] of products.entries()) {
    const row = rowOf.get(id);
    if (found && row !== undefined) vectors.set(found.vectors.subarray(row * width, (row + 1) * width), at * width);
  }
  return { ids: products.map(({ id }) => id), vectors, width };
}

/** The numbers of two vectors of each id, one after the other. */
export function sideBySide(first: Embeddings, second: Embeddings): Embeddings {
  const width = first.width + second.width;
  const vectors = new Float32Array(first.ids.length * width);
  for (const at of first.ids.keys()) {
    vectors.set(first.vectors.subarray(at * first.width, (at + 1) * first.width), at * width);
    vectors.set(second.vectors.subarray(at * second.width, (at + 1) * second.width), at * width + first.width);
  }
  return { ids: first.ids, vectors, width };
}
