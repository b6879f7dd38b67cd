import type { Weights } from '../engine/flat-weights.js';
import * as tf from '../engine/tf.js';
import type { Relation } from './edge.js';
import { relationNames } from './relation-names.js';

/** Joins an item's content and what its neighbours say of it, both [items, width]. */
export type ItemFusion = (weights: Weights, relation: Relation, content: tf.Tensor2D, said: tf.Tensor2D) => tf.Tensor2D;

/** c e + (1 - c) h with c = sigmoid(W [e; h]) for every number. */
export const gate: ItemFusion = (weights, relation, content, said) => {
  const open = tf.sigmoid(
    tf.matMul(tf.concat([content, said], 1), weights[relationNames(relation).gate] as tf.Tensor2D, false, true),
  );
  return tf.add(said, tf.mul(open, tf.sub(content, said))) as tf.Tensor2D;
};

export const half: ItemFusion = (_, __, content, said) => tf.mul(tf.add(content, said), 0.5) as tf.Tensor2D;
