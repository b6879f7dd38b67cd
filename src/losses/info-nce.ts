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
  /** Also compute the loss from items to queries, and average both directions. Default false. */
  symmetric?: boolean;
  /**
   * Label smoothing (Szegedy et al., arXiv 1512.00567) from 0 to 1: this fraction of the target is spread evenly over the positive and
   * every negative of the step, but not over the queue. Only in the direction from queries to items. Default 0.
   */
  smoothing?: number;
}

/**
 * InfoNCE as in the paper: -log exp(r_q.r_p / t) / (exp(r_q.r_p / t) + sum over negatives of exp(r_q.r_n / t)), mean over queries.
 *
 * Positive: the item that was bought. The paper has one per query. With several, each is contrasted with the negatives only (not with other
 * positives), and the query's loss is their mean.
 *
 * Negatives: `hard` are the items that `hardOf` names for the query, of the same category as the bought item (one per row in the paper).
 * `inBatch` are the items that other queries of the same group bought, and those queries' hard negatives. `spatial` are the same of other
 * groups. `temporal` is the whole queue. Items of a product that the query bought are never negatives.
 *
 * The paper's direction is from queries to items only. In the reverse direction (`symmetric`) an item's negatives are the queries of other
 * products, with the weights of `inBatch` and `spatial`; hard and temporal negatives are items and take no part.
 *
 * The weight of a source multiplies its exponentials. Logits go through one logSumExp and a softplus, so a temperature of 0.01 is safe.
 * Without negatives (a batch of one, equal products) the loss is 0. An embedding that is not finite makes it NaN.
 * @throws UserError for a wrong weight
 */
export function infoNce(
  input: ContrastiveInput,
  temperature: tf.Scalar,
  options: InfoNceOptions = {},
): ContrastiveRecord {
  return tf.tidy(() => {
    const { losses, terms } = infoNceOfPairs(input, temperature, options);
    const queryToItem = meanOverPositives(losses, terms.present);
    if (!options.symmetric) return describeTerms(queryToItem, terms, temperature);
    const both = tf.add(queryToItem, itemToQuery(input, terms, options.weights ?? {}));
    return describeTerms(tf.mul(both, 0.5) as tf.Scalar, terms, temperature);
  });
}

/** The loss of each pair of a query and what it bought, [Q, P], from queries to items; entries of padding are not used. See `infoNce`. */
export function infoNceOfPairs(
  input: ContrastiveInput,
  temperature: tf.Scalar,
  { weights, smoothing }: Omit<InfoNceOptions, 'symmetric'> = {},
): { losses: tf.Tensor2D; terms: ContrastiveTerms } {
  const terms = contrastiveTerms(input, tf.div(input.queries, temperature), { weights });
  const losses = tf.softplus(tf.sub(tf.expandDims(terms.logNegatives, 1), terms.positives)) as tf.Tensor2D;
  return { losses: smoothing ? smoothed(losses, terms, smoothing) : losses, terms };
}

/** Mixes -log p of the positive with the mean of -log p over all choices. They differ by the positive's logit minus the mean logit. */
function smoothed(losses: tf.Tensor2D, { positives, sums }: ContrastiveTerms, smoothing: number): tf.Tensor2D {
  const negatives = [sums.inBatch, sums.hard, sums.spatial].flatMap((sum) => sum ?? []);
  const added = (of: (sum: NegativeSum) => tf.Tensor1D) =>
    addInOrder(negatives.map((sum) => tf.expandDims(of(sum), 1)));
  const similarity = added((sum) => sum.similarity) ?? 0;
  const count = added((sum) => sum.count) ?? 0;
  const mean = tf.div(tf.add(positives, similarity), tf.add(count, 1));
  return tf.add(losses, tf.mul(tf.sub(positives, mean), smoothing));
}

/** The loss from items to queries: each item's buyer is contrasted with the queries that bought something else. */
function itemToQuery(input: ContrastiveInput, terms: ContrastiveTerms, weights: SourceWeights): tf.Scalar {
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
