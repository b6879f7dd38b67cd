import { maskedSoftmax, softmaxGradient } from '../../engine/fused-ops.js';
import { inHalf } from '../../engine/half-products.js';
import { broadcastAxis, waitFor } from '../../engine/native-ops.js';
import * as tf from '../../engine/tf.js';

/**
 * [groups * length, heads * headWidth] -> [heads, groups, length, headWidth]. Heads come first, so that slicing some of them needs no copy.
 */
export function toHeads(x: tf.Tensor2D, groups: number, heads: number): tf.Tensor4D {
  return tf.transpose(tf.reshape(x, [groups, x.shape[0] / groups, heads, x.shape[1] / heads]), [2, 0, 1, 3]);
}

/** [heads, groups, length, headWidth] -> [groups * length, heads * headWidth]. */
export function fromHeads(x: tf.Tensor4D): tf.Tensor2D {
  const [heads, groups, length, width] = x.shape;
  return tf.reshape(tf.transpose(x, [1, 2, 0, 3]), [groups * length, heads * width]);
}

/**
 * Attention weights (softmax over keys) [heads, groups, length, keys] of already scaled queries. Query heads that share a key-value head
 * must be adjacent (grouped-query attention).
 */
export function attentionWeights(queries: tf.Tensor4D, keys: tf.Tensor4D, mask?: tf.Tensor3D): tf.Tensor4D {
  const [heads, groups, length] = queries.shape;
  const q = byKeyHead(queries, keys.shape[0]);
  const weights = softmaxScores(q, broadcastAxis(keys, q.shape[1]), mask);
  return tf.reshape(weights, [heads, groups, length, keys.shape[2]]);
}

/** From so many keys on, attention weights take more memory than everything else of their block. */
const LONG = 512;

/**
 * Scaled dot-product attention with grouped query heads, as one operation with a custom gradient. The weights of long sequences are
 * computed again in the backward pass, so that they are not kept for it.
 * @param queries [heads, groups, length, headWidth], already scaled by 1 / sqrt(headWidth)
 * @param keys [keyValueHeads, groups, keys, headWidth]; `values` has the same shape
 * @param mask [groups or 1, length, keys], added to the scores
 * @returns [heads, groups, length, headWidth]
 */
export function attend(queries: tf.Tensor4D, keys: tf.Tensor4D, values: tf.Tensor4D, mask?: tf.Tensor3D): tf.Tensor4D {
  const operation = tf.customGrad((queryInput, keyInput, valueInput, save) => {
    const q = byKeyHead(queryInput as tf.Tensor4D, keys.shape[0]);
    const k = broadcastAxis(keyInput as tf.Tensor4D, q.shape[1]);
    const v = broadcastAxis(valueInput as tf.Tensor4D, q.shape[1]);
    const weights = softmaxScores(q, k, mask);
    const output = inHalf(() => tf.matMul(weights, v));
    const isLong = keys.shape[2] >= LONG;
    // The mask may be gone when the weights are computed again.
    const again = mask ? [mask] : [];
    (save as tf.GradSaveFunc)([q, k, v, output, ...(isLong ? again : [weights])]);
    return {
      value: tf.reshape(output, queries.shape),
      gradFunc: (dy, saved) => {
        const output = saved[3];
        const [q, k, v] = saved as tf.Tensor5D[];
        const weights = isLong ? softmaxScores(waitFor(q, dy), k, saved[4] as tf.Tensor3D | undefined) : saved[4];
        const dOutput = tf.reshape(dy, output.shape);
        const dValues = inHalf(() => tf.matMul(weights, dOutput, true, false));
        const dWeights = inHalf(() => tf.matMul(dOutput, v, false, true));
        // The softmax gradient needs a sum over keys. It equals this sum over the head's width, which is far shorter.
        const inner = () => tf.sum(tf.mul(dOutput, output), -1, true);
        const dScores = softmaxGradient(dWeights, weights, inner) as tf.Tensor5D;
        const [dQueries, dKeys] = inHalf(() => [tf.matMul(dScores, k), tf.matMul(dScores, q, true, false)]);
        const sumQueryHeads = (x: tf.Tensor) => tf.reshape(x.shape[1] === 1 ? x : tf.sum(x, 1), keys.shape);
        return [tf.reshape(dQueries, queries.shape), sumQueryHeads(dKeys), sumQueryHeads(dValues)];
      },
    };
  });
  return operation(queries, keys, values) as tf.Tensor4D;
}

/** [heads, groups, length, width] -> [keyValueHeads, heads / keyValueHeads, groups, length, width]. */
function byKeyHead(queries: tf.Tensor4D, keyHeads: number): tf.Tensor5D {
  const [heads, groups, length, width] = queries.shape;
  return tf.reshape(queries, [keyHeads, heads / keyHeads, groups, length, width]);
}

function softmaxScores(queries: tf.Tensor5D, keys: tf.Tensor5D, mask?: tf.Tensor3D): tf.Tensor5D {
  const scores: tf.Tensor5D = inHalf(() => tf.matMul(queries, keys, false, true));
  return maskedSoftmax(scores, mask);
}

/**
 * Additive attention mask: 0 where a query may attend to a key, -1e9 where not.
 * @param mask [batch, keys], 1 = real token; undefined = all real
 * @param causal a token attends to itself and to earlier tokens; the queries are the last `length` of the keys
 * @returns [batch or 1, length, keys], or undefined where every token attends to every other
 */
export function attentionMask(
  mask: tf.Tensor2D | undefined,
  length: number,
  keys: number,
  causal: boolean,
): tf.Tensor3D | undefined {
  const padding = mask && tf.expandDims(tf.mul(tf.sub(mask, 1), 1e9), 1);
  if (!causal || length === 1) return padding as tf.Tensor3D | undefined;
  const later = new Float32Array(length * keys);
  for (let i = 0; i < length; i++) later.fill(-1e9, i * keys + keys - length + i + 1, (i + 1) * keys);
  const order = tf.tensor3d(later, [1, length, keys]);
  return padding ? (tf.minimum(padding, order) as tf.Tensor3D) : order;
}
