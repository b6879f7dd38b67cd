import { linear } from '../backbones/layers/layers.js';
import type { Filled } from '../checks/schema.js';
import type { Weights } from '../engine/flat-weights.js';
import type { RandomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import { unit } from '../losses/unit-rows.js';
import { type Relation, relations } from './edge.js';
import type { EdgeWeight } from './edge-weights/edge-weight.js';
import { equalWeights } from './edge-weights/equal.js';
import { learnedWeights } from './edge-weights/learned.js';
import { gate, half, type ItemFusion } from './item-fusion.js';
import type { RelationOption } from './option.js';
import { relationNames } from './relation-names.js';

/** What a model of relations computes with. */
export type RelationShape = Pick<Filled<RelationOption>, 'edges' | 'fusion' | 'hidden'>;

const edgeWeights: Record<RelationShape['edges'], EdgeWeight> = { learned: learnedWeights, equal: equalWeights };

const fusions: Record<RelationShape['fusion'], ItemFusion> = {
  gate,
  half,
  content: (_, __, content) => content,
  neighbours: (_, __, ___, message) => message,
};

const RANGE = 0.05;

/** New weights: items match those that are like them, and a message is the mean of the neighbours. */
export function initRelations(width: number, { edges, fusion, hidden }: RelationShape, stream: RandomStream): Weights {
  const drawn = (rows: number, columns: number) =>
    tf.tensor2d(
      Float32Array.from({ length: rows * columns }, () => RANGE * stream.normal()),
      [rows, columns],
    );
  const weights: Weights = {};
  for (const relation of relations) {
    const names = relationNames(relation);
    weights[names.match] = tf.eye(width);
    if (fusion === 'content') continue;
    weights[names.message] = tf.eye(width);
    if (fusion === 'gate') weights[names.gate] = drawn(width, 2 * width);
    if (edges === 'equal') continue;
    weights[names.first] = drawn(hidden, 3 * width);
    weights[names.firstBias] = tf.zeros([hidden]);
    weights[names.second] = drawn(1, hidden);
    weights[names.secondBias] = tf.zeros([1]);
  }
  return weights;
}

/** Items as a relation sees them. */
export interface RelatedItems {
  /** Unit vectors [items, width]; 0 for an item of which nothing is known. */
  vectors: tf.Tensor2D;
  /** [items, size] factors of the neighbours, before the mask. */
  factors: tf.Tensor2D;
}

/**
 * z = fusion(e, V h), h the mean of the neighbours' contents by their factors. An item without neighbours is its content. Differentiable.
 * @param own [items, width] contents @param near [items, size, width] of neighbours @param masks [items, size] each; a result for every mask
 */
export function relatedItems(
  { edges, fusion }: RelationShape,
  weights: Weights,
  relation: Relation,
  { own, near, masks }: { own: tf.Tensor2D; near: tf.Tensor3D; masks: readonly tf.Tensor2D[] },
): RelatedItems[] {
  if (fusion === 'content') return masks.map((mask) => ({ vectors: unit(own), factors: tf.zerosLike(mask) }));
  const factors = edgeWeights[edges](weights, relation, own, near);
  return masks.map((mask) => {
    const counted = tf.mul(factors, mask);
    const total = tf.sum(counted, 1, true);
    const shares = tf.div(counted, tf.maximum(total, 1e-6)) as tf.Tensor2D;
    const mean = tf.squeeze(tf.matMul(tf.expandDims(shares, 1), near), [1]) as tf.Tensor2D;
    const message = linear(mean, weights[relationNames(relation).message]);
    const joined = fusions[fusion](weights, relation, own, message);
    const isAlone = tf.equal(tf.sum(mask, 1, true), 0);
    const alone = fusion === 'neighbours' ? tf.zerosLike(own) : own;
    return { vectors: unit(tf.where(isAlone, alone, joined)), factors };
  });
}

/** z_i M z_j of all first and second items: [firsts, seconds]. */
export function matchScores(
  weights: Weights,
  relation: Relation,
  firsts: tf.Tensor2D,
  seconds: tf.Tensor2D,
): tf.Tensor2D {
  return tf.matMul(
    tf.matMul(firsts, weights[relationNames(relation).match] as tf.Tensor2D),
    seconds,
    false,
    true,
  ) as tf.Tensor2D;
}
