import { withoutImages } from '../data/drop-missing.js';
import { collectTrainingSet } from '../data/training-set.js';
import type { Catalogue } from '../data/types.js';
import { embedSequences } from '../encoder/embed.js';
import { type Encoder, sequenceOptions } from '../encoder/encoder.js';
import { dot } from '../engine/dot.js';
import { randomStream } from '../engine/random.js';
import type { ReliabilityOption } from '../losses/reliability/option.js';
import { productSequence, querySequence } from '../moon/sequence.js';
import { drawHard } from '../negatives/hard.js';
import { sameCategory } from '../negatives/same-category.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Embeddings } from '../search/embeddings.js';
import { areaUnderCurve } from '../statistics/auc.js';
import { bootstrapAll, type Interval } from '../statistics/bootstrap.js';

/** A training pair with its estimated reliability. */
export interface RatedPair {
  query: string;
  product: string;
  /** Known to be wrong (`Pair.wrong`). */
  wrong: boolean;
  /** From 0 to 1, by the margin of the end of training. */
  phi: number;
}

export interface PairReliability {
  pairs: RatedPair[];
  /** Probability that phi of a right pair is above that of a wrong one; NaN where no pair is known to be wrong. */
  auc: Interval;
}

/**
 * phi of every pair of training, by a trained network: sigmoid(kappa (r_q.r_p - r_q.r_n - end)), where n is another product of the category,
 * chosen at random for each product. It tells how well the filter of MOON2.0 finds wrong purchases, and how many right pairs it lowers.
 */
export async function pairReliability(
  encoder: Encoder,
  catalogue: Catalogue,
  pixels: Pixels,
  { kappa, end }: Pick<Extract<ReliabilityOption, { kind: 'margin' }>, 'kappa' | 'end'>,
): Promise<PairReliability> {
  const shown = withoutImages(catalogue, pixels.missing);
  const { products: all, numbers } = collectTrainingSet(shown);
  const products = all.map(({ product }) => product);
  const ids = products.map(({ id }) => id);
  const candidates = sameCategory(products, numbers);
  const drawn = drawHard(ids, candidates, numbers, randomStream(0, 'reliability'));
  const read = sequenceOptions(encoder, pixels);
  const items = await embedSequences(
    encoder,
    products.map((product) => productSequence(product, read)),
    pixels,
  );
  const trained = shown.pairs.filter(({ split }) => split === 'train');
  const queries = await embedSequences(
    encoder,
    trained.map(({ query }) => querySequence(query, read)),
    pixels,
  );
  const rowOf = new Map(ids.map((id, row) => [id, row]));
  const vectorOf = ({ vectors, width }: Embeddings, row: number) => vectors.subarray(row * width, (row + 1) * width);
  const cosine = (query: number, item: number) => dot(vectorOf(queries, query), vectorOf(items, item));
  const rated = trained.flatMap(({ query, product, wrong = false }, at): RatedPair[] => {
    const own = rowOf.get(product)!;
    const hard = drawn.hardOf[own];
    // The hard negative of a product is among the products, since all of them train.
    if (hard < 0) return [];
    const apart = cosine(at, own) - cosine(at, hard);
    return [{ query: query.id, product, wrong, phi: 1 / (1 + Math.exp(-kappa * (apart - end))) }];
  });
  const isRight = rated.map(({ wrong }) => !wrong);
  const statistic = areaUnderCurve(
    rated.map(({ phi }) => phi),
    isRight,
  );
  const known = isRight.includes(false);
  const [auc] = known
    ? bootstrapAll(
        [[statistic]],
        rated.map(({ product }) => product),
      )
    : [{ value: Number.NaN, low: Number.NaN, high: Number.NaN }];
  return { pairs: rated, auc };
}
