import * as tf from '../engine/tf.js';
import { matches, otherProducts } from '../negatives/sources.js';
import { sumMasked } from './negative-sum.js';

/** The result of `supervisedContrastive`; every field a scalar tensor, similarities are cosines. */
export interface SupervisedContrastiveRecord {
  [name: string]: tf.Scalar;
  total: tf.Scalar;
  /** Mean similarity of pairs of the same product, and of different products; 0 without pairs. */
  positive: tf.Scalar;
  negative: tf.Scalar;
  /** Fraction of the anchors that are nearer to a row of their product than to any other row. */
  accuracy: tf.Scalar;
  /** Number of rows that have another row of their product, and so a loss. */
  anchors: tf.Scalar;
}

/**
 * Supervised contrastive loss (Khosla et al., arXiv 2004.11362, equation 2, "out") among unit vectors [Q, width], such as the queries of a
 * batch. `products` [Q] (int32) numbers their products, -1 for a padded row.
 *
 * Every row is an anchor. Its positives are all other rows of its product, its negatives the rows of other products; there are no hard
 * negatives. The anchor's loss is the mean over its positives of -log softmax over all other rows. An anchor without positives does not
 * count; the loss is 0 if none counts. A row that is not finite makes it NaN.
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
    const sameProduct = tf.logicalAnd(others, matches(products, products)) as tf.Tensor2D;
    const logits = tf.div(similarity, temperature) as tf.Tensor2D;
    const all = sumMasked(logits, others);
    const same = sumMasked(logits, sameProduct);
    const rest = sumMasked(logits, different);
    const has = tf.cast(tf.greater(same.count, 0), 'float32');
    const meanPositive = tf.div(same.similarity, tf.maximum(same.count, 1));
    // The logSum of an anchor without other rows is a huge negative number, so where() excludes it.
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
