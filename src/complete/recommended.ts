import type { Answer } from '../ablate/run/trial.js';
import type { Shopper } from '../datasets/shop/shoppers.js';
import type { RandomStream } from '../engine/random.js';
import type { Embeddings } from '../search/embeddings.js';
import { type RecommenderOption, trainRecommender } from './recommender.js';

/**
 * Where the last purchases of each shopper stand among all products that the shopper had not bought before, by a recommender that learned from the
 * earlier ones.
 * @param heldOut number of last purchases
 */
export function recommended(
  task: string,
  shoppers: readonly Shopper[],
  { ids, vectors, width }: Embeddings,
  heldOut: number,
  option: RecommenderOption,
  stream: RandomStream,
): Answer[] {
  const rowOf = new Map(ids.map((id, row) => [id, row]));
  const rows = shoppers.map(({ bought }) => bought.map((id) => rowOf.get(id)!));
  const earlier = rows.map((own) => own.slice(0, -heldOut));
  const pairs = earlier.flatMap((own, shopper) => own.map((item) => [shopper, item] as const));
  const scoresOf = trainRecommender(
    { shoppers: shoppers.length, items: ids.length, pairs },
    spread(vectors, width),
    option,
    stream,
  );
  return shoppers.flatMap(({ id: query }, shopper) => {
    const scores = scoresOf(shopper);
    const known = new Set(earlier[shopper]);
    const offered = ids.map((_, row) => row).filter((row) => !known.has(row));
    return rows[shopper].slice(-heldOut).map((gold): Answer => {
      const others = offered.filter((row) => row !== gold);
      const before = others.filter((row) => scores[row] > scores[gold]).length;
      const tied = others.filter((row) => scores[row] === scores[gold]).length;
      const best = offered.reduce((first, row) => (scores[row] > scores[first] ? row : first));
      const product = ids[gold];
      return {
        task,
        query: `${query} ${product}`,
        product,
        gold: [product],
        before,
        tied,
        relevant: 1,
        best: [ids[best]],
      };
    });
  });
}

/** Mean squared norm of an item's features, about that of the other factors after training: smaller ones are not learned from. */
const SPREAD = 4;

/** Vectors of items without their mean, and with this spread. */
function spread(vectors: Float32Array, width: number): Float32Array {
  const items = vectors.length / width;
  const mean = new Float64Array(width);
  for (const [at, value] of vectors.entries()) mean[at % width] += value / items;
  const centred = vectors.map((value, at) => value - mean[at % width]);
  const norm = centred.reduce((sum, value) => sum + value * value, 0) / items;
  const scale = norm ? Math.sqrt(SPREAD / norm) : 0;
  return centred.map((value) => scale * value);
}
