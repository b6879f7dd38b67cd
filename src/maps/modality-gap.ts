import { UserError } from '../checks/error.js';
import { groupBy } from '../data/group-by.js';
import { checkRows, unitVectors } from '../search/unit-embeddings.js';

/** How far two kinds of embedding are apart. */
export interface ModalityGap {
  between: [string, string];
  /** Between the means of their unit vectors (Liang 2022): 0 for one cloud, up to 2. */
  distance: number;
  /** Mean cosine of the two embeddings of a product; null where no product has both. */
  paired: number | null;
}

/**
 * The gap between kinds of embedding (image, text, whole product), pair by pair. Each is scaled to length one.
 * @param embeddings [count, width]
 * @param kinds what each embedding was made of, [count]
 * @param products whose it is, [count]; of several of one kind the first counts for `paired`
 * @throws UserError for numbers that are not count x width, and for an embedding that is all zero or not finite
 */
export function modalityGap(
  embeddings: Float32Array,
  width: number,
  kinds: readonly string[],
  products: readonly string[],
): ModalityGap[] {
  if (products.length !== kinds.length)
    throw new UserError(
      `modalityGap: got ${kinds.length} kinds and ${products.length} products, expected one of both of each embedding.`,
    );
  checkRows('modalityGap', embeddings, kinds.length, width);
  const named = (row: number) => `modalityGap: the ${kinds[row]} embedding of ${products[row]}`;
  const all = unitVectors(embeddings, width, named, { keep: 0 });
  const unit = kinds.map((_, row) => all.subarray(row * width, (row + 1) * width));
  const rows = groupBy(kinds.keys(), (row) => kinds[row]);
  const names = [...rows.keys()];
  const means = names.map((name) => meanOf(rows.get(name)!.map((row) => unit[row])));
  return names.flatMap((a, at) =>
    names.slice(at + 1).map((b, after) => {
      const others = new Map(
        rows
          .get(b)!
          .toReversed()
          .map((row) => [products[row], row]),
      );
      const firsts = new Map(
        rows
          .get(a)!
          .toReversed()
          .map((row) => [products[row], row]),
      );
      const cosines = [...firsts].flatMap(([product, row]) => {
        const other = others.get(product);
        return other === undefined ? [] : [dot(unit[row], unit[other])];
      });
      return {
        between: [a, b] as [string, string],
        distance: Math.hypot(...means[at].map((value, axis) => value - means[at + 1 + after][axis])),
        paired: cosines.length ? cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length : null,
      };
    }),
  );
}

function meanOf(vectors: Float32Array[]): Float64Array {
  const mean = new Float64Array(vectors[0].length);
  for (const vector of vectors)
    for (let axis = 0; axis < mean.length; axis++) mean[axis] += vector[axis] / vectors.length;
  return mean;
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, axis) => sum + value * b[axis], 0);
}
