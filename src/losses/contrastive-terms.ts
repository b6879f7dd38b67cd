import { gatherRows } from '../engine/native-ops.js';
import * as tf from '../engine/tf.js';
import type { SourceName } from '../negatives/options.js';
import { type ContrastiveInput, checkWeights, itemMasks, type SourceWeights } from '../negatives/sources.js';
import { MASKED, type NegativeSum, sumMasked, sumQueue } from './negative-sum.js';

/** Options of the negatives of a contrastive loss. */
export interface ContrastiveOptions {
  weights?: SourceWeights;
}

/**
 * The result of a contrastive loss: means over the queries that have a positive, every field a scalar tensor. Similarities are cosines. For
 * each active source there are also `inBatchCount` (negatives per query), `inBatchSimilarity` (their mean similarity) and `inBatchShare`
 * (the source's fraction of the softmax mass of all negatives); likewise for `hard`, `spatial` and `temporal`.
 */
export interface ContrastiveRecord {
  [name: string]: tf.Scalar;
  total: tf.Scalar;
  /** Mean similarity to the positives. */
  positive: tf.Scalar;
  /** Mean similarity to all negatives; 0 without negatives. */
  negative: tf.Scalar;
  /** Mean number of negatives per query. */
  negatives: tf.Scalar;
  /** Fraction of queries that are nearer to a positive than to every negative. A query without negatives counts as nearer. */
  accuracy: tf.Scalar;
}

/** Positives and negatives of every query, ready for a loss. */
export interface ContrastiveTerms {
  /** [Q, N] inner products of queries and items. */
  dots: tf.Tensor2D;
  /** [Q, P] inner products of query and positive. */
  positives: tf.Tensor2D;
  /** [Q, P] 1 for a positive, 0 at padding. */
  present: tf.Tensor2D;
  /** Sums over the negatives of each active source. */
  sums: Partial<Record<SourceName, NegativeSum>>;
  /** [Q] logarithm of the weighted sum of exponentials of all negatives' logits; far below any logit without negatives. */
  logNegatives: tf.Tensor1D;
  /** [Q] per source: its part of that sum, logSum + log(weight). */
  logParts: Partial<Record<SourceName, tf.Tensor1D>>;
}

/**
 * Multiply queries with their positives and with the negatives of every source whose weight is not 0.
 * @param queries [Q, width], the input's queries divided by the temperature
 */
export function contrastiveTerms(
  input: ContrastiveInput,
  queries: tf.Tensor2D,
  { weights = {} }: ContrastiveOptions,
): ContrastiveTerms {
  checkWeights(weights);
  const dots = tf.matMul(queries, input.items, false, true) as tf.Tensor2D;
  const sums: ContrastiveTerms['sums'] = {};
  const isOn = (source: SourceName) => (weights[source] ?? 1) > 0;
  for (const [source, mask] of Object.entries(itemMasks(input)) as [SourceName, tf.Tensor2D][])
    if (isOn(source)) sums[source] = sumMasked(dots, mask);
  const { queue } = input;
  if (queue?.products.size && isOn('temporal')) sums.temporal = sumQueue(queries, queue, input.queryProducts);
  const logParts: ContrastiveTerms['logParts'] = {};
  for (const [source, { logSum }] of Object.entries(sums) as [SourceName, NegativeSum][])
    logParts[source] = tf.add(logSum, Math.log(weights[source] ?? 1));
  return {
    dots,
    ...pickPositives(dots, input.positiveOf),
    sums,
    logParts,
    logNegatives: logSumOf(Object.values(logParts), queries.shape[0]),
  };
}

/** Elementwise log of the sum of exponentials of tensors [count]; far below any logit for an empty list. */
export function logSumOf(parts: tf.Tensor[], count: number): tf.Tensor1D {
  return parts.length ? tf.logSumExp(tf.stack(parts), 0) : tf.fill([count], MASKED);
}

function pickPositives(dots: tf.Tensor2D, positiveOf: tf.Tensor): Pick<ContrastiveTerms, 'positives' | 'present'> {
  const [count, items] = dots.shape;
  const rows = tf.reshape(positiveOf, [count, -1]) as tf.Tensor2D;
  const present = tf.cast(tf.greaterEqual(rows, tf.scalar(0, 'int32')), 'float32') as tf.Tensor2D;
  // Take positives from the same matrix as the negatives, so that equal embeddings give equal numbers.
  const starts = tf.expandDims(tf.range(0, count * items, items, 'int32'), 1);
  const places = tf.reshape(tf.add(starts, tf.maximum(rows, tf.scalar(0, 'int32'))), [-1]) as tf.Tensor1D;
  const picked = gatherRows(tf.reshape(dots, [-1, 1]) as tf.Tensor2D, places);
  return { positives: tf.reshape(picked, rows.shape), present };
}

/** A sum in fixed order, with the same bits in every step. TensorFlow's AddN starts with whichever input has no other consumer left. */
export function addInOrder(parts: readonly tf.Tensor[]): tf.Tensor | undefined {
  return parts.length ? parts.reduce((sum, part) => tf.add(sum, part)) : undefined;
}

/** Mean over queries of the mean over each query's positives. Queries without a positive do not count. */
export function meanOverPositives(values: tf.Tensor2D, present: tf.Tensor2D): tf.Scalar {
  const each = tf.div(tf.sum(tf.mul(values, present), 1), tf.maximum(tf.sum(present, 1), 1));
  return meanOverQueries(each, present);
}

/** Mean of values [Q] over the queries that have a positive. */
function meanOverQueries(values: tf.Tensor, present: tf.Tensor2D): tf.Scalar {
  const counted = tf.max(present, 1);
  return tf.div(tf.sum(tf.mul(values, counted)), tf.maximum(tf.sum(counted), 1)) as tf.Scalar;
}

/**
 * The record of a loss.
 * @param scale factor that turns the inner products in `terms` into cosines
 */
export function describeTerms(total: tf.Scalar, terms: ContrastiveTerms, scale: tf.Scalar): ContrastiveRecord {
  const { positives, present, sums, logParts, logNegatives } = terms;
  const [queries] = positives.shape;
  const all = Object.values(sums);
  const none = tf.zeros([queries]);
  const perQuery = (values: tf.Tensor) => meanOverQueries(values, present);
  const meanSimilarity = (similarity: tf.Tensor, count: tf.Tensor) =>
    tf.mul(tf.div(perQuery(similarity), tf.maximum(perQuery(count), 1 / queries)), scale) as tf.Scalar;
  const count = addInOrder(all.map((each) => each.count)) ?? none;
  const similarity = addInOrder(all.map((each) => each.similarity)) ?? none;
  const hardest = tf.max(tf.stack([tf.fill([queries], MASKED), ...all.map((each) => each.hardest)]), 0);
  const nearest = tf.max(tf.where(tf.cast(present, 'bool'), positives, MASKED), 1);
  const record: ContrastiveRecord = {
    total,
    positive: tf.mul(meanOverPositives(positives, present), scale) as tf.Scalar,
    negative: meanSimilarity(similarity, count),
    negatives: perQuery(count),
    accuracy: perQuery(tf.cast(tf.greater(nearest, hardest), 'float32')),
  };
  const some = tf.cast(tf.greater(count, 0), 'float32');
  for (const [source, sum] of Object.entries(sums) as [SourceName, NegativeSum][]) {
    record[`${source}Count`] = perQuery(sum.count);
    record[`${source}Similarity`] = meanSimilarity(sum.similarity, sum.count);
    record[`${source}Share`] = perQuery(tf.mul(tf.exp(tf.sub(logParts[source]!, logNegatives)), some));
  }
  return record;
}
