import type { Weights } from '../engine/flat-weights.js';
import * as tf from '../engine/tf.js';
import type { Relation } from './edge.js';
import { relationNames } from './relation-names.js';

/** Joins an item's content and the message of its neighbours, both [items, width]. */
export type ItemFusion = (
  weights: Weights,
  relation: Relation,
  content: tf.Tensor2D,
  message: tf.Tensor2D,
) => tf.Tensor2D;

/** c e + (1 - c) h with c = sigmoid(W [e; h]) for every number. */
export const gate: ItemFusion = (weights, relation, content, message) => {
  const open = tf.sigmoid(
    tf.matMul(tf.concat([content, message], 1), weights[relationNames(relation).gate] as tf.Tensor2D, false, true),
  );
  return tf.add(message, tf.mul(open, tf.sub(content, message))) as tf.Tensor2D;
};

export const half: ItemFusion = (_, __, content, message) => tf.mul(tf.add(content, message), 0.5) as tf.Tensor2D;
