import { wrongOption } from '../checks/error.js';
import * as tf from '../engine/tf.js';
import { type SourceName, sourceNames } from './options.js';
import type { Queue } from './queue.js';

/** What each source counts: its similarities' exponentials are multiplied by it; 0 turns the source off. Left out: 1. */
export type SourceWeights = Partial<Record<SourceName, number>>;

/**
 * Embeddings of one update with the labels that say who is whose positive and negative. Q queries, N items; all embeddings are
 * unit vectors [.., width], all labels int32. A product number of -1 marks an empty place (padding): nobody's negative.
 */
export interface ContrastiveInput {
  queries: tf.Tensor2D;
  items: tf.Tensor2D;
  /** [Q] row among the items of what was bought; [Q, P] where a query has several positives, -1 where it has fewer than P. */
  positiveOf: tf.Tensor1D | tf.Tensor2D;
  /** [Q] number of the product that was bought, or [Q, P]: items of these products are never its negatives. */
  queryProducts: tf.Tensor1D | tf.Tensor2D;
  /** [N] number of each item's product; products marked as duplicates share one (see `productNumbers`). */
  itemProducts: tf.Tensor1D;
  /** [Q] or [Q, H] rows among the items of each query's hard negatives, -1 for none. */
  hardOf?: tf.Tensor1D | tf.Tensor2D;
  /** [Q], [N] group of each, where an update holds several; without it there is one. */
  queryGroups?: tf.Tensor1D;
  itemGroups?: tf.Tensor1D;
  queue?: Queue;
}

/** The negatives among the items: [Q, N] booleans by source. A pair of a query and an item is in at most one source. */
export type ItemMasks = { inBatch: tf.Tensor2D; hard?: tf.Tensor2D; spatial?: tf.Tensor2D };

/**
 * Who is whose negative among the items of an update. An item of a product that the query bought never is; one that no query bought
 * (a hard negative) is a negative of every query.
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

/** [Q, N] booleans: the item is there, and its product is none of those the query bought. For items and for the queue. */
export function otherProducts(queryProducts: tf.Tensor, products: tf.Tensor1D): tf.Tensor2D {
  return tf.tidy(() => {
    const there = tf.greaterEqual(products, tf.scalar(0, 'int32'));
    return tf.logicalAnd(there, tf.logicalNot(matches(queryProducts, products)));
  });
}

/** [Q, N] booleans: a label [N] is the query's [Q], or one of its [Q, P]. */
export function matches(ofQuery: tf.Tensor, labels: tf.Tensor1D): tf.Tensor2D {
  return tf.tidy(() => {
    const asked = tf.reshape(ofQuery, [ofQuery.shape[0], -1, 1]);
    return tf.any(tf.equal(asked, tf.reshape(labels, [1, 1, -1])), 1);
  });
}

/** @throws UserError for a weight that is negative or not a number, and for a source that does not exist. */
export function checkWeights(weights: SourceWeights): void {
  for (const [name, weight] of Object.entries(weights)) {
    if (!sourceNames.some((each) => each === name))
      throw wrongOption('weights', name, `one of ${sourceNames.join(' | ')}`);
    if (!(weight >= 0 && weight < Infinity))
      throw wrongOption(`weights.${name}`, weight, 'a finite number of at least 0');
  }
}
