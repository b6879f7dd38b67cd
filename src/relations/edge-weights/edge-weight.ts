import type { Weights } from '../../engine/flat-weights.js';
import type * as tf from '../../engine/tf.js';
import type { Relation } from '../edge.js';

/** The factor, 0 to 1, of each neighbour of an item. @param own [items, width] @param near [items, size, width] @returns [items, size] */
export type EdgeWeight = (weights: Weights, relation: Relation, own: tf.Tensor2D, near: tf.Tensor3D) => tf.Tensor2D;
