import { wrongOption } from '../checks/error.js';
import * as tf from '../engine/tf.js';
import { type SourceName, sourceNames } from './options.js';
import type { Queue } from './queue.js';

/** Factor on each source's exponentials; 0 turns the source off. Default 1. */
export type SourceWeights = Partial<Record<SourceName, number>>;

/**
 * Embeddings of one update, with labels that define positives and negatives. Q queries, N items; embeddings are unit vectors [.., width],
 * labels are int32. A product number of -1 marks padding, which is never a negative.
 */
export interface ContrastiveInput {
  queries: tf.Tensor2D;
  items: tf.Tensor2D;
  /** [Q] row of the bought item; or [Q, P] for several positives, -1 where a query has fewer than P. */
  positiveOf: tf.Tensor1D | tf.Tensor2D;
  /** [Q] or [Q, P] product number of what the query bought. Items of these products are never its negatives. */
  queryProducts: tf.Tensor1D | tf.Tensor2D;
  /** [N] product number of each item, equal for duplicates (see `productNumbers`). */
  itemProducts: tf.Tensor1D;
  /** [Q] or [Q, H] rows of each query's hard negatives among the items, -1 for none. */
  hardOf?: tf.Tensor1D | tf.Tensor2D;
  /** [Q] and [N] group numbers, if an update has several groups; by default there is one. */
  queryGroups?: tf.Tensor1D;
  itemGroups?: tf.Tensor1D;
  queue?: Queue;
}

/** Negatives among the items, [Q, N] booleans per source. A pair of query and item is in at most one source. */
export type ItemMasks = { inBatch: tf.Tensor2D; hard?: tf.Tensor2D; spatial?: tf.Tensor2D };

/**
 * Compute which items of an update are negatives of which query. An item of a product that the query bought is never one. An item that no
 * query bought (a hard negative) is a negative of every query.
 */
export function itemMasks(input: ContrastiveInput): ItemMasks {
  return tf.tidy((): ItemMasks => {
    const { positiveOf, hardOf, queryGroups, itemGroups } = input;
    const rows = tf.range(0, input.items.shape[0], 1, 'int32');
    const bought = matches(positiveOf, rows);
    const free: tf.Tensor2D = tf.logicalAnd(
      otherProducts(input.queryProducts, input.itemProducts),
      tf.logicalNot(bought),
    );
    const chosen = hardOf && matches(hardOf, rows);
    const shared: tf.Tensor2D = chosen ? tf.logicalAnd(free, tf.logicalNot(chosen)) : free;
    const own = queryGroups && itemGroups && matches(queryGroups, itemGroups);
    return {
      inBatch: own ? tf.logicalAnd(shared, own) : shared,
      ...(chosen ? { hard: tf.logicalAnd(free, chosen) } : {}),
      ...(own ? { spatial: tf.logicalAnd(shared, tf.logicalNot(own)) } : {}),
    };
  });
}

/** [Q, N] booleans: the item is not padding, and the query did not buy its product. For items and for the queue. */
export function otherProducts(queryProducts: tf.Tensor, products: tf.Tensor1D): tf.Tensor2D {
  return tf.tidy(() => {
    const there = tf.greaterEqual(products, tf.scalar(0, 'int32'));
    return tf.logicalAnd(there, tf.logicalNot(matches(queryProducts, products)));
  });
}

/** [Q, N] booleans: whether a label [N] equals the query's label [Q], or one of its labels [Q, P]. */
export function matches(ofQuery: tf.Tensor, labels: tf.Tensor1D): tf.Tensor2D {
  return tf.tidy(() => {
    const asked = tf.reshape(ofQuery, [ofQuery.shape[0], -1, 1]);
    return tf.any(tf.equal(asked, tf.reshape(labels, [1, 1, -1])), 1);
  });
}

/** @throws UserError for a negative or infinite weight, or an unknown source */
export function checkWeights(weights: SourceWeights): void {
  for (const [name, weight] of Object.entries(weights)) {
    if (!sourceNames.some((each) => each === name))
      throw wrongOption('weights', name, `one of ${sourceNames.join(' | ')}`);
    if (!(weight >= 0 && weight < Infinity))
      throw wrongOption(`weights.${name}`, weight, 'a finite number of at least 0');
  }
}
