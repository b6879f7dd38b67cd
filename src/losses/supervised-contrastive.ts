import * as tf from '../engine/tf.js';
import { matches, otherProducts } from '../negatives/sources.js';
import { sumMasked } from './negative-sum.js';

/** Every field a scalar tensor; similarities are cosines. */
export interface SupervisedContrastiveRecord {
  [name: string]: tf.Scalar;
  total: tf.Scalar;
  /** Mean similarity of pairs of one product, and of pairs of different products; 0 where there is none. */
  positive: tf.Scalar;
  negative: tf.Scalar;
  /** Share of the anchors that are nearer to a row of their product than to any other row. */
  accuracy: tf.Scalar;
  /** Rows that have another of their product, and so a loss. */
  anchors: tf.Scalar;
}

/**
 * Supervised contrastive loss (Khosla et al. 2020, equation 2, "out") among unit vectors [Q, width], such as a batch's queries,
 * by their product numbers [Q] (int32; -1 for an empty row). Every row is an anchor. Positive: every other row of its product;
 * the anchor's loss is their mean of -log of the softmax over all other rows. Negatives: the rows of other products; there are
 * no hard negatives, and every row serves every anchor. An anchor alone of its product does not count; with none that counts
 * the loss is 0. A row that is not finite makes it NaN.
 */
export function supervisedContrastive(
  embeddings: tf.Tensor2D,
  products: tf.Tensor1D,
  temperature: tf.Scalar,
): SupervisedContrastiveRecord {
  return tf.tidy(() => {
    const count = products.size;
    const similarity = tf.matMul(embeddings, embeddings, false, true) as tf.Tensor2D;
    const different = otherProducts(products, products);
    const there = tf.greaterEqual(products, tf.scalar(0, 'int32'));
    const others = tf.logicalAnd(tf.equal(tf.eye(count), 0), tf.expandDims(there, 0)) as tf.Tensor2D;
    const alike = tf.logicalAnd(others, matches(products, products)) as tf.Tensor2D;
    const logits = tf.div(similarity, temperature) as tf.Tensor2D;
    const all = sumMasked(logits, others);
    const same = sumMasked(logits, alike);
    const rest = sumMasked(logits, different);
    const has = tf.cast(tf.greater(same.count, 0), 'float32');
    const meanPositive = tf.div(same.similarity, tf.maximum(same.count, 1));
    // An anchor without others has a logSum far below all: where() keeps it out of the sum.
    const losses = tf.where(tf.cast(has, 'bool'), tf.sub(all.logSum, meanPositive), 0);
    const anchors = tf.sum(has) as tf.Scalar;
    const perAnchor = (values: tf.Tensor) => tf.div(tf.sum(tf.mul(values, has)), tf.maximum(anchors, 1)) as tf.Scalar;
    const mean = ({ similarity, count }: typeof all) =>
      tf.mul(tf.div(tf.sum(similarity), tf.maximum(tf.sum(count), 1)), temperature) as tf.Scalar;
    return {
      total: perAnchor(losses),
      positive: mean(same),
      negative: mean(rest),
      accuracy: perAnchor(tf.cast(tf.greater(same.hardest, rest.hardest), 'float32')),
      anchors,
    };
  });
}
