import type { Filled } from '../checks/schema.js';
import type { Weights } from '../engine/flat-weights.js';
import { gatherRows } from '../engine/native-ops.js';
import * as tf from '../engine/tf.js';
import { MASKED } from '../losses/negative-sum.js';
import type { Relation } from './edge.js';
import { matchScores, relatedItems } from './model.js';
import type { RelationOption } from './option.js';

/** The tensors of an update: edges of one relation with the neighbours of both ends. */
export type RelationBatch = {
  /** [all, width] unit contents of all items */
  content: tf.Tensor2D;
  /** [edges] rows of first and second items */
  from: tf.Tensor1D;
  to: tf.Tensor1D;
  /** [edges, edges] 1 where the second item of an edge is known to belong to the first of another one too */
  known: tf.Tensor2D;
  /** [2 edges * size] rows of the neighbours of all first and then all second items, and their mask [2 edges, size] */
  near: tf.Tensor1D;
  mask: tf.Tensor2D;
  /** [edges, size] the masks of two views of the first items */
  one?: tf.Tensor2D;
  other?: tf.Tensor2D;
};

/**
 * InfoNCE between the ends of edges, each with the second items of other edges as negatives, but for those that belong to it too; plus `views` times
 * InfoNCE between two views of the first items, and `sparsity` times the mean factor of edges.
 */
export function relationLoss(
  option: Filled<RelationOption>,
  weights: Weights,
  { content, from, to, known, near, mask, one, other }: RelationBatch,
  relation: Relation,
): tf.Scalar {
  const { temperature, views, sparsity, fusion, edges } = option;
  const [rows, size] = mask.shape;
  const count = rows / 2;
  const width = content.shape[1];
  const own = gatherRows(content, tf.concat([from, to]) as tf.Tensor1D);
  const others = tf.reshape(gatherRows(content, near), [rows, size, width]) as tf.Tensor3D;
  const [{ vectors, factors }] = relatedItems(option, weights, relation, { own, near: others, masks: [mask] });
  const firsts = tf.slice(vectors, [0, 0], [count, -1]) as tf.Tensor2D;
  const seconds = tf.slice(vectors, [count, 0]) as tf.Tensor2D;
  // An item reads all of its partners but the one to be predicted: as negatives they would teach that neighbours are wrong.
  const terms = [contrast(matchScores(weights, relation, firsts, seconds), known, temperature)];
  if (views && one && other && fusion !== 'content') {
    const part = <T extends tf.Tensor>(x: T) => tf.slice(x, 0, count) as T;
    const seen = relatedItems(option, weights, relation, {
      own: part(own),
      near: part(others),
      masks: [one, other],
    }).map((items) => items.vectors);
    const scores = tf.matMul(seen[0], seen[1], false, true) as tf.Tensor2D;
    terms.push(tf.mul(contrast(scores, sameItem(from), temperature), views));
  }
  if (sparsity && edges === 'learned' && fusion !== 'content') {
    const mean = tf.div(tf.sum(tf.mul(factors, mask)), tf.maximum(tf.sum(mask), 1));
    terms.push(tf.mul(mean, sparsity));
  }
  return tf.addN(terms) as tf.Scalar;
}

/** Whether two entries name the same item: [count, count]. */
const sameItem = (items: tf.Tensor1D): tf.Tensor2D =>
  tf.cast(tf.equal(tf.expandDims(items, 1), tf.expandDims(items, 0)), 'float32');

/** Mean of -log softmax at the diagonal. @param left 1 at entries that are left out; those on the diagonal never are */
function contrast(scores: tf.Tensor2D, left: tf.Tensor2D, temperature: number): tf.Tensor {
  const count = scores.shape[0];
  const logits = tf.div(scores, temperature);
  const isOut = tf.cast(tf.greater(tf.sub(left, tf.eye(count)), 0), 'bool');
  const right = tf.sum(tf.mul(logits, tf.eye(count)), 1);
  return tf.mean(tf.sub(tf.logSumExp(tf.where(isOut, MASKED, logits), 1), right));
}
