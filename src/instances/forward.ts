import { attend, attentionMask, fromHeads, toHeads } from '../backbones/layers/attention.js';
import { logits, runLanguage } from '../backbones/layers/decoder.js';
import { TOKENS } from '../backbones/layers/decoder-names.js';
import { linear, rmsNorm } from '../backbones/layers/layers.js';
import type { Filled } from '../checks/schema.js';
import { type Weights, weightsUnder } from '../engine/flat-weights.js';
import { gatherRows } from '../engine/native-ops.js';
import * as tf from '../engine/tf.js';
import { blocksOf, names, parts } from './network.js';
import type { InstanceOption } from './option.js';

/** Tokens of a stream, and which of them are real. */
export interface Stream {
  /** [batch, length, width] */
  states: tf.Tensor3D;
  /** [batch, length] 1 = real */
  mask: tf.Tensor2D;
}

const EPSILON = 1e-6;

/** The words of texts, each having read the others. @param ids [batch, length] (int32) */
export function readWords(
  option: Filled<InstanceOption>,
  weights: Weights,
  ids: tf.Tensor2D,
  mask: tf.Tensor2D,
): Stream {
  const own = part(weights, 'words');
  const rows = gatherRows(own[TOKENS] as tf.Tensor2D, tf.reshape(ids, [-1]));
  return run(option, own, option.blocks, tf.reshape(rows, [...ids.shape, option.width]), mask, true);
}

/**
 * The regions of pictures, each having read the others. Their order and places do not matter.
 * @param features [batch, regions, features]
 * @param hidden [batch, regions] 1 for a region that is not shown
 */
export function readRegions(
  option: Filled<InstanceOption>,
  weights: Weights,
  features: tf.Tensor3D,
  mask: tf.Tensor2D,
  hidden?: tf.Tensor2D,
): Stream {
  const [batch, regions, width] = features.shape;
  const flat = tf.reshape(features, [-1, width]) as tf.Tensor2D;
  const seen = linear(flat, weights[names.region], weights[names.regionBias]);
  const gone = hidden && (tf.reshape(hidden, [-1, 1]) as tf.Tensor2D);
  const tokens = gone ? tf.add(tf.mul(seen, tf.sub(1, gone)), tf.mul(gone, weights[names.hiddenRegion])) : seen;
  const states: tf.Tensor3D = tf.reshape(tokens, [batch, regions, option.width]);
  return run(option, part(weights, 'regions'), option.blocks, states, mask, false);
}

/** Mean of the real tokens [batch, width]: what the contrast compares, and what retrieval ranks by. */
export function pooled({ states, mask }: Stream): tf.Tensor2D {
  const factors = tf.div(mask, tf.maximum(tf.sum(mask, 1, true), 1));
  return tf.sum(tf.mul(states, tf.expandDims(factors, 2)), 1) as tf.Tensor2D;
}

/** Let the streams meet: each attends to the other, then all tokens to all. */
export function meet(
  option: Filled<InstanceOption>,
  weights: Weights,
  words: Stream,
  regions: Stream,
): { words: tf.Tensor3D; regions: tf.Tensor3D } {
  let [left, right] = [words.states, regions.states];
  for (let layer = 0; layer < option.meeting; layer++)
    [left, right] = [
      attendTo(option, weights, names.meeting(layer, 'words'), left, { ...regions, states: right }),
      attendTo(option, weights, names.meeting(layer, 'regions'), right, { ...words, states: left }),
    ];
  const states = tf.concat([left, right], 1) as tf.Tensor3D;
  const mask = tf.concat([words.mask, regions.mask], 1) as tf.Tensor2D;
  const joint = run(option, part(weights, 'joint'), option.joint, states, mask, true).states;
  const [count, shown] = [left.shape[1], right.shape[1]];
  return {
    words: tf.slice(joint, [0, 0, 0], [-1, count, -1]) as tf.Tensor3D,
    regions: tf.slice(joint, [0, count, 0], [-1, shown, -1]) as tf.Tensor3D,
  };
}

/** Logits of the vocabulary for rows of words [rows, width]. */
export const wordLogits = (weights: Weights, rows: tf.Tensor2D): tf.Tensor2D => logits(part(weights, 'words'), rows);

/** What rows of regions [rows, width] say of their features [rows, features]. */
export const regionFeatures = (weights: Weights, rows: tf.Tensor2D): tf.Tensor2D =>
  linear(rows, weights[names.features], weights[names.featuresBias]);

/** x + attention of x to the other stream (ViLBERT's co-attention, arXiv 1908.02265). */
function attendTo(
  { heads, width }: Filled<InstanceOption>,
  weights: Weights,
  name: string,
  x: tf.Tensor3D,
  other: Stream,
): tf.Tensor3D {
  const batch = x.shape[0];
  const rows = (states: tf.Tensor3D, norm: string) =>
    rmsNorm(tf.reshape(states, [-1, width]) as tf.Tensor2D, weights[`${name}${norm}.norm`], EPSILON);
  const project = (projection: string, from: tf.Tensor2D) => linear(from, weights[`${name}${projection}.weight`]);
  const [own, read] = [rows(x, 'own'), rows(other.states, 'other')];
  const queries: tf.Tensor4D = tf.mul(toHeads(project('query', own), batch, heads), (width / heads) ** -0.5);
  const [keys, values] = ['key', 'value'].map((projection) => toHeads(project(projection, read), batch, heads));
  const mask = attentionMask(other.mask, x.shape[1], other.mask.shape[1], false);
  const attended = project('output', fromHeads(attend(queries, keys, values, mask)));
  return tf.add(x, tf.reshape(attended, x.shape)) as tf.Tensor3D;
}

function run(
  option: Filled<InstanceOption>,
  weights: Weights,
  depth: number,
  states: tf.Tensor3D,
  mask: tf.Tensor2D,
  isOrdered: boolean,
): Stream {
  const [batch, length] = states.shape;
  const places = isOrdered ? tf.range(0, length, 1, 'int32') : tf.zeros([length], 'int32');
  const positions = tf.tile(tf.reshape(places, [1, 1, length]), [3, batch, 1]) as tf.Tensor3D;
  const config = blocksOf(option, depth);
  const { last } = runLanguage(config, weights, { embeddings: states, positions, mask, attention: 'bidirectional' });
  return { states: last, mask };
}

/** The weights of a part under their own names. */
function part(weights: Weights, of: keyof typeof parts): Weights {
  const prefix = parts[of];
  return Object.fromEntries(
    Object.entries(weightsUnder(weights, prefix)).map(([name, weight]) => [name.slice(prefix.length), weight]),
  );
}
