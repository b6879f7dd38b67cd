import * as tf from '../../engine/tf.js';
import { withoutGradient } from '../without-gradient.js';
import type { ObjectiveName, ObjectiveWeightsOption } from './option.js';

/** What the weights of a step are made from, for Q queries, M objectives and E experts. */
export interface ObjectiveRouting {
  names: readonly ObjectiveName[];
  /** [M, Q] 1 where a query takes part in an objective. */
  members: tf.Tensor2D;
  /** [Q, E] mean gate of each query; for `preference` and `stopped`. */
  gates?: tf.Tensor2D;
  /** [E, M] logits of what each expert prefers; for `preference` and `stopped`. */
  preferences?: tf.Tensor2D;
}

/**
 * Weights [M] of the objectives of a step. Those of objectives without a query are of no consequence.
 *
 * With `preference` w_m = mean over the queries of objective m of sum over experts z of p_zm g_z, where g is the query's gate and p_z. the
 * softmax of the expert's preferences (MOON2.0, arXiv 2511.12449). They sum to 1 where all objectives have the same queries, and nearly so
 * elsewhere.
 */
export function objectiveWeights(option: ObjectiveWeightsOption, routing: ObjectiveRouting): tf.Tensor1D {
  const { names } = routing;
  if (option.kind === 'equal') return tf.fill([names.length], 1 / names.length);
  if (option.kind === 'fixed') {
    const given = names.map((name) => option.proportions[name]);
    const sum = given.reduce((total, each) => total + each, 0);
    return tf.tensor1d(given.map((each) => each / sum));
  }
  const { members, gates, preferences } = routing;
  const inputs = [members, gates!, preferences!];
  return option.kind === 'stopped' ? withoutGradient(inputs, preferred) : preferred(...inputs);
}

/** w_m from members [M, Q], gates [Q, E] and preferences [E, M]; 0 for an objective without a query. */
function preferred(...[members, gates, preferences]: tf.Tensor[]): tf.Tensor1D {
  return tf.tidy(() => {
    const ofObjectives = tf.div(tf.matMul(members, gates), tf.maximum(tf.sum(members, 1, true), 1));
    return tf.sum(tf.mul(ofObjectives, tf.transpose(tf.softmax(preferences, 1))), 1) as tf.Tensor1D;
  });
}

/** Mean over experts of the entropy of p_z., in nats: log M for an expert without preference, 0 for one that prefers a single objective. */
export function preferenceEntropy(preferences: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => {
    const logarithm = tf.logSoftmax(preferences, 1);
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.exp(logarithm), logarithm), 1))) as tf.Scalar;
  });
}
