import * as tf from '../engine/tf.js';
import type { HardCandidates } from '../negatives/hard.js';
import { hardOption, type MinedOption } from '../negatives/options.js';
import type { Embeddings } from './embeddings.js';
import { topRows } from './top-rows.js';
import { unitEmbeddings } from './unit-embeddings.js';

/**
 * Mine hard negatives with the model itself (ANCE, Xiong et al. 2021, arXiv 2007.00808): for every product, the `nearest` other products by
 * the given embeddings. Excludes marked duplicates, and products with a similarity of at least `ceiling`, which most likely are the same
 * product. A product with no candidate left has no hard negative, as happens with an untrained model, whose embeddings are all similar.
 * @param numbers numbers of all products, equal for duplicates (see `productNumbers`)
 * @throws UserError naming a product whose embedding is zero or not finite
 */
export function mineHard(
  embeddings: Embeddings,
  numbers: ReadonlyMap<string, number>,
  option: Pick<MinedOption, 'nearest' | 'ceiling'> = {},
): HardCandidates {
  const { nearest, ceiling } = hardOption<MinedOption>({ ...option, kind: 'mined' });
  const { ids, vectors, width } = unitEmbeddings(embeddings);
  const of = new Map<string, readonly string[]>();
  const without: string[] = [];
  const k = Math.min(nearest, ids.length);
  const unit = tf.tensor2d(vectors, [ids.length, width]);
  const products = tf.tensor1d(
    ids.map((id) => numbers.get(id)!),
    'int32',
  );
  const scoresOf = (cosines: tf.Tensor2D, start: number): tf.Tensor2D => {
    const own = tf.slice(products, [start], [cosines.shape[0]]);
    const isOther = tf.notEqual(tf.expandDims(own, 1), tf.expandDims(products, 0));
    return tf.where(tf.logicalAnd(isOther, tf.less(cosines, ceiling)), cosines, LEFT_OUT);
  };
  for (const { start, size, indices, similarities } of topRows(unit, k, { scoresOf })) {
    for (let row = 0; row < size; row++) {
      const places = Array.from(indices.subarray(row * k, (row + 1) * k));
      const found = places.filter((_, rank) => similarities[row * k + rank] > LEFT_OUT).map((place) => ids[place]);
      const id = ids[start + row];
      if (found.length) of.set(id, found);
      else without.push(id);
    }
  }
  tf.dispose([unit, products]);
  return { of, fellBack: [], without };
}

/** Lower than any cosine. */
const LEFT_OUT = -2;
