import { UserError } from '../checks/error.js';
import { groupBy } from '../data/group-by.js';
import { dot } from '../engine/dot.js';
import { checkRows, unitVectors } from '../search/unit-embeddings.js';

/** The distance between two kinds of embeddings. */
export interface ModalityGap {
  between: [string, string];
  /** Distance between the means of their unit vectors (Liang et al. 2022, arXiv 2203.02053): 0 for coinciding means, at most 2. */
  distance: number;
  /** Mean cosine of the two embeddings of a product; null if no product has both. */
  paired: number | null;
}

/**
 * The modality gap between each pair of kinds of embeddings (image, text, full product). Embeddings are normalised to unit length.
 * @param embeddings [count, width]
 * @param kinds kind of each embedding, [count]
 * @param products product of each embedding, [count]; if a product has several embeddings of a kind, `paired` uses the first
 * @throws UserError if the number of values is not count x width, and for an embedding that is zero or not finite
 */
export function modalityGap(
  embeddings: Float32Array,
  width: number,
  kinds: readonly string[],
  products: readonly string[],
): ModalityGap[] {
  if (products.length !== kinds.length)
    throw new UserError(
      `modalityGap: got ${kinds.length} kinds and ${products.length} products, expected one kind and one product for each embedding.`,
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
