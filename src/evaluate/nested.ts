import { wrongOption } from '../checks/error.js';
import type { Embeddings } from '../search/embeddings.js';

/** Embeddings at a smaller size: their first `size` numbers, scaled to length one again (Matryoshka, Kusupati et al. 2022). */
export function nested({ ids, vectors, width }: Embeddings, size: number): Embeddings {
  checkSize(size, width);
  const first = new Float32Array(ids.length * size);
  for (let row = 0; row < ids.length; row++) {
    const own = vectors.subarray(row * width, row * width + size);
    const length = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    first.set(length > 0 ? own.map((value) => value / length) : own, row * size);
  }
  return { ids: [...ids], vectors: first, width: size };
}

/** @throws UserError for a size that embeddings of this width do not have. */
export function checkSize(size: number, width: number): void {
  if (!(Number.isInteger(size) && size >= 1 && size <= width))
    throw wrongOption('size', size, `a whole number from 1 to ${width}, the width of the embeddings`);
}
