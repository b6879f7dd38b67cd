import * as tf from '../engine/tf.js';
import { requireFinite } from './finite.js';
import type { HardCandidates } from './hard.js';
import { hardOption, type MinedOption } from './options.js';

/** Unit vectors of products, row by row, as the evaluation's `embedSequences` gives them. */
export interface ItemEmbeddings {
  ids: readonly string[];
  /** [ids.length, width] */
  vectors: Float32Array;
  width: number;
}

/** Similarities at once, in floats: 32 MiB. */
const BLOCK_FLOATS = 1 << 23;

/**
 * For every product, the `nearest` others by the present embeddings (hard negatives mined by the model itself, as ANCE, Xiong et
 * al. 2021). Its marked duplicates are left out, and so is what is at least `ceiling` similar to it: most likely the same thing.
 * A product of which nothing is left has no hard negative: so it is with an untrained network, to which all look alike.
 * @param numbers of all products, equal for duplicates (see `productNumbers`)
 * @throws UserError naming products whose embedding is not finite
 */
export function mineHard(
  { ids, vectors, width }: ItemEmbeddings,
  numbers: ReadonlyMap<string, number>,
  option: Pick<MinedOption, 'nearest' | 'ceiling'> = {},
): HardCandidates {
  const { nearest, ceiling } = hardOption<MinedOption>({ ...option, kind: 'mined' });
  requireFinite(vectors, width, (row) => ids[row]);
  const of = new Map<string, readonly string[]>();
  const without: string[] = [];
  const count = ids.length;
  const kept = Math.min(nearest, count);
  const rows = Math.max(1, Math.floor(BLOCK_FLOATS / Math.max(1, count)));
  const items = tf.tensor2d(vectors, [count, width]);
  const products = tf.tensor1d(
    ids.map((id) => numbers.get(id)!),
    'int32',
  );
  for (let start = 0; start < count; start += rows) {
    const { values, indices } = tf.tidy(() => {
      const size = Math.min(rows, count - start);
      const similarity = tf.matMul(tf.slice(items, [start, 0], [size, width]), items, false, true);
      const other = tf.notEqual(tf.expandDims(tf.slice(products, [start], [size]), 1), tf.expandDims(products, 0));
      return tf.topk(tf.where(tf.logicalAnd(other, tf.less(similarity, ceiling)), similarity, LEFT_OUT), kept);
    });
    const [similarities, places] = [values.dataSync(), indices.dataSync()];
    tf.dispose([values, indices]);
    for (let at = 0; at < similarities.length; at += kept) {
      const row = Array.from(places.subarray(at, at + kept));
      const found = row.filter((_, rank) => similarities[at + rank] > LEFT_OUT).map((place) => ids[place]);
      const id = ids[start + at / kept];
      if (found.length) of.set(id, found);
      else without.push(id);
    }
  }
  tf.dispose([items, products]);
  return { of, fellBack: [], without };
}

/** Below any cosine. */
const LEFT_OUT = -2;
