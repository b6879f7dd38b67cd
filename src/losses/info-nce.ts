import * as tf from '../engine/tf.js';

/** Tensors of the contrastive loss. Q queries, N items, K items of earlier batches; all embeddings are unit vectors [.., width]. */
export interface ContrastiveInput {
  queries: tf.Tensor2D;
  items: tf.Tensor2D;
  /** [Q] row among the items of what was bought. */
  positiveOf: tf.Tensor1D;
  /** [Q], [N] number of the product of each: the same number is never a negative. */
  queryProducts: tf.Tensor1D;
  itemProducts: tf.Tensor1D;
  /** Temporal negatives; a product number of -1 marks an empty place. */
  queue?: { embeddings: tf.Tensor2D; products: tf.Tensor1D };
}

/** What the loss returns; every field a scalar tensor. Similarities are cosines, means over queries (and over negatives). */
export interface ContrastiveRecord {
  [name: string]: tf.Scalar;
  total: tf.Scalar;
  /** Mean similarity to the positive. */
  positive: tf.Scalar;
  /** Mean similarity to the in-batch negatives that count. */
  negative: tf.Scalar;
  /** Share of queries that are nearer to their positive than to any negative. */
  accuracy: tf.Scalar;
}

/** Far below any logit, and finite: exp of it is zero and its gradient too. */
const MASKED = -1e9;

/**
 * InfoNCE of the paper: -log exp(r_q.r_p / t) / (exp(r_q.r_p / t) + sum over negatives of exp(r_q.r_n / t)), mean over queries.
 * Positive: the item that was bought. Negatives: every other item of the batch (a hard negative is an item like any other, and
 * serves all queries) and every item of the queue. Items of the query's own product are left out. The softmax is computed
 * against the largest logit, so that a temperature of 0.01 is safe.
 */
export function infoNce(input: ContrastiveInput, temperature: tf.Scalar): ContrastiveRecord {
  const { queries, items, queue } = input;
  const count = items.shape[0];
  const isPositive = tf.oneHot(input.positiveOf, count) as tf.Tensor2D;
  const inBatch = maskOwn(tf.matMul(queries, items, false, true), input.queryProducts, input.itemProducts);
  const positive = tf.sum(tf.mul(tf.cast(isPositive, 'float32'), tf.matMul(queries, items, false, true)), 1, true);
  const negatives = [inBatch.similarity];
  if (queue) {
    const past = maskOwn(tf.matMul(queries, queue.embeddings, false, true), input.queryProducts, queue.products);
    negatives.push(tf.add(past.similarity, emptyPlaces(queue.products)));
  }
  const logits = tf.div(tf.concat([positive, ...negatives], 1), temperature);
  const losses = tf.sub(tf.logSumExp(logits, 1), tf.squeeze(tf.slice(logits, [0, 0], [-1, 1]), [1]));
  const hardest = tf.max(tf.concat(negatives, 1), 1, true);
  const counted = inBatch.counts;
  return {
    total: tf.mean(losses) as tf.Scalar,
    positive: tf.mean(positive) as tf.Scalar,
    negative: tf.div(
      tf.sum(tf.mul(tf.maximum(inBatch.similarity, -1), counted)),
      tf.maximum(tf.sum(counted), 1),
    ) as tf.Scalar,
    accuracy: tf.mean(tf.cast(tf.greater(positive, hardest), 'float32')) as tf.Scalar,
  };
}

function maskOwn(similarity: tf.Tensor, queryProducts: tf.Tensor1D, itemProducts: tf.Tensor1D) {
  const same = tf.equal(tf.expandDims(queryProducts, 1), tf.expandDims(itemProducts, 0));
  const own = tf.cast(same, 'float32');
  return { similarity: tf.add(similarity, tf.mul(own, MASKED)) as tf.Tensor2D, counts: tf.sub(1, own) };
}

function emptyPlaces(products: tf.Tensor1D): tf.Tensor {
  return tf.mul(tf.expandDims(tf.cast(tf.less(products, 0), 'float32'), 0), MASKED);
}
