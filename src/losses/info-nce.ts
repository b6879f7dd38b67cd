import { gatherRows } from '../engine/native-ops.js';
import * as tf from '../engine/tf.js';
import { type ContrastiveInput, matches, otherProducts, type SourceWeights } from '../negatives/sources.js';
import {
  addInOrder,
  type ContrastiveOptions,
  type ContrastiveRecord,
  type ContrastiveTerms,
  contrastiveTerms,
  describeTerms,
  logSumOf,
  meanOverPositives,
} from './contrastive-terms.js';
import { MASKED, type NegativeSum } from './negative-sum.js';

export interface InfoNceOptions extends ContrastiveOptions {
  /** Also tell each bought item from the queries that bought something else, and take the mean of both. Default false. */
  symmetric?: boolean;
  /**
   * Label smoothing (Szegedy et al. 2016) from 0 to 1: this part of the target is spread evenly over what the query can choose from in
   * the step (the positive and every negative but those of the queue), on the way from queries to items. Default 0.
   */
  smoothing?: number;
}

/**
 * InfoNCE of the paper: -log exp(r_q.r_p / t) / (exp(r_q.r_p / t) + sum over negatives of exp(r_q.r_n / t)), mean over queries.
 *
 * Positive: the item that was bought. The paper has one; with several, each is told from the negatives alone (never from the
 * other positives), and the query's loss is their mean. Hard negative: an item that `hardOf` names for the query, of what was
 * bought's category; the paper has one explicit hard negative a row. Reused across rows: the items that other queries bought and
 * their hard negatives: of the own group as `inBatch`, of the others as `spatial`; and the whole queue as `temporal`. Items of a
 * product that the query bought are left out everywhere. The paper's direction is query -> item only; on the way back
 * (`symmetric`) an item's negatives are the queries of other products, by the weights of `inBatch` and `spatial`; hard and
 * temporal negatives are items and have no part in it.
 *
 * A weight w multiplies a source's exponentials. Logits go through one logSumExp and softplus, so that a temperature of 0.01
 * is safe. Without any negative (a batch of one, equal products) the loss is 0; an embedding that is not finite makes it NaN.
 */
export function infoNce(
  input: ContrastiveInput,
  temperature: tf.Scalar,
  options: InfoNceOptions = {},
): ContrastiveRecord {
  return tf.tidy(() => {
    const terms = contrastiveTerms(input, tf.div(input.queries, temperature), options);
    const told = tf.softplus(tf.sub(tf.expandDims(terms.logNegatives, 1), terms.positives)) as tf.Tensor2D;
    const losses = options.smoothing ? smoothed(told, terms, options.smoothing) : told;
    const forth = meanOverPositives(losses, terms.present);
    if (!options.symmetric) return describeTerms(forth, terms, temperature);
    const both = tf.add(forth, backwards(input, terms, options.weights ?? {}));
    return describeTerms(tf.mul(both, 0.5) as tf.Scalar, terms, temperature);
  });
}

/** -log p of the positive mixed with the mean of -log p over all choices: they differ by how far the positive's logit is above the mean. */
function smoothed(losses: tf.Tensor2D, { positives, sums }: ContrastiveTerms, smoothing: number): tf.Tensor2D {
  const negatives = [sums.inBatch, sums.hard, sums.spatial].flatMap((sum) => sum ?? []);
  const added = (of: (sum: NegativeSum) => tf.Tensor1D) =>
    addInOrder(negatives.map((sum) => tf.expandDims(of(sum), 1)));
  const similarity = added((sum) => sum.similarity) ?? 0;
  const count = added((sum) => sum.count) ?? 0;
  const mean = tf.div(tf.add(positives, similarity), tf.add(count, 1));
  return tf.add(losses, tf.mul(tf.sub(positives, mean), smoothing));
}

/** The loss of every pair seen from its item: told from the queries that bought something else. */
function backwards(input: ContrastiveInput, terms: ContrastiveTerms, weights: SourceWeights): tf.Scalar {
  const { dots, positives, present } = terms;
  const { queryGroups, itemGroups } = input;
  const asks = tf.cast(tf.max(present, 1, true), 'bool');
  const other = tf.logicalAnd(asks, otherProducts(input.queryProducts, input.itemProducts));
  const own = queryGroups && itemGroups && matches(queryGroups, itemGroups);
  const logSums = (['inBatch', 'spatial'] as const).flatMap((source) => {
    const weight = weights[source] ?? 1;
    if (!weight || (source === 'spatial' && !own)) return [];
    const mask = own ? tf.logicalAnd(other, source === 'inBatch' ? own : tf.logicalNot(own)) : other;
    return tf.add(tf.logSumExp(tf.where(mask, dots, MASKED), 0), Math.log(weight));
  });
  const ofItem = tf.reshape(logSumOf(logSums, dots.shape[1]), [-1, 1]) as tf.Tensor2D;
  const rows = tf.reshape(tf.maximum(input.positiveOf, tf.scalar(0, 'int32')), [-1]) as tf.Tensor1D;
  const ofPair = tf.reshape(gatherRows(ofItem, rows), positives.shape);
  return meanOverPositives(tf.softplus(tf.sub(ofPair, positives)) as tf.Tensor2D, present);
}
