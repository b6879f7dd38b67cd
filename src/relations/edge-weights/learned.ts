import { linear } from '../../backbones/layers/layers.js';
import * as tf from '../../engine/tf.js';
import { relationNames } from '../relation-names.js';
import type { EdgeWeight } from './edge-weight.js';

/** sigmoid(MLP[e_i; e_j; e_i * e_j]): the same for every edge between two contents, whoever drew it. */
export const learnedWeights: EdgeWeight = (weights, relation, own, near) => {
  const names = relationNames(relation);
  const [items, size, width] = near.shape;
  const mine = tf.tile(tf.expandDims(own, 1), [1, size, 1]);
  const pairs = tf.reshape(tf.concat([mine, near, tf.mul(mine, near)], 2), [-1, 3 * width]) as tf.Tensor2D;
  const hidden = tf.relu(linear(pairs, weights[names.first], weights[names.firstBias])) as tf.Tensor2D;
  const scores = linear(hidden, weights[names.second], weights[names.secondBias]);
  return tf.reshape(tf.sigmoid(scores), [items, size]) as tf.Tensor2D;
};
