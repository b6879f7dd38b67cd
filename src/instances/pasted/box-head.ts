import { gelu, linear } from '../../backbones/layers/layers.js';
import type { Weights } from '../../engine/flat-weights.js';
import type { RandomStream } from '../../engine/random.js';
import * as tf from '../../engine/tf.js';

const HIDDEN = 128;

/** New weights of a network that says for every cell of a feature grid whether a product's middle is there, and how far its edges are. */
export function initBoxHead(width: number, stream: RandomStream): Weights {
  const drawn = (rows: number, columns: number) =>
    tf.tensor2d(
      Float32Array.from({ length: rows * columns }, () => stream.normal() / Math.sqrt(columns)),
      [rows, columns],
    );
  return {
    'hidden.weight': drawn(HIDDEN, width),
    'hidden.bias': tf.zeros([HIDDEN]),
    'out.weight': drawn(5, HIDDEN),
    'out.bias': tf.zeros([5]),
  };
}

/** Logits of a product [cells] and distances of its edges [cells, 4] from 0 to 1, of features [cells, width]. */
export function boxHead(weights: Weights, features: tf.Tensor2D): { logits: tf.Tensor1D; distances: tf.Tensor2D } {
  const hidden = gelu(linear(features, weights['hidden.weight'], weights['hidden.bias']));
  const out = linear(hidden, weights['out.weight'], weights['out.bias']);
  const part = (start: number, count: number) => tf.slice(out, [0, start], [-1, count]);
  return { logits: tf.reshape(part(0, 1), [-1]), distances: tf.sigmoid(part(1, 4)) };
}

/** The tensors of an update: features of all cells of some pictures, and their targets (`cellTargets`). */
export type BoxBatch = { features: tf.Tensor2D; objects: tf.Tensor1D; distances: tf.Tensor2D };

/** Cross-entropy of all cells, plus 1 - intersection over union of the boxes of those with a product, each a mean. */
export function boxLoss(weights: Weights, { features, objects, distances }: BoxBatch): tf.Scalar {
  const found = boxHead(weights, features);
  // log(1 + e^x) - x * target
  const entropy = tf.mean(tf.sub(tf.softplus(found.logits), tf.mul(found.logits, objects)));
  const overlaps = overlapOf(found.distances, distances);
  const missed = tf.sum(tf.mul(tf.sub(1, overlaps), objects));
  return tf.add(entropy, tf.div(missed, tf.maximum(tf.sum(objects), 1))) as tf.Scalar;
}

/** Intersection over union [cells] of two boxes around each cell's centre, by the distances of their edges [cells, 4]. */
function overlapOf(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor1D {
  const shared = areaOf(tf.minimum(a, b));
  return tf.div(shared, tf.maximum(tf.sub(tf.add(areaOf(a), areaOf(b)), shared), 1e-6)) as tf.Tensor1D;
}

/** (left + right) * (top + bottom) */
function areaOf(distances: tf.Tensor2D): tf.Tensor1D {
  const [left, top, right, bottom] = tf.split(distances, 4, 1);
  return tf.reshape(tf.mul(tf.add(left, right), tf.add(top, bottom)), [-1]) as tf.Tensor1D;
}
