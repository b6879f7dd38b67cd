import type { Weights } from '../../engine/flat-weights.js';
import * as tf from '../../engine/tf.js';
import { gelu, layerNorm, linear } from '../layers/layers.js';
import { type BertConfig, embeddingNames, layerNames } from './config.js';

/**
 * Token states of a text after the last layer [tokens, width]. The caller frees it.
 * @param ids of its tokens, with the special ones
 */
export function runBert(config: BertConfig, weights: Weights, ids: readonly number[]): tf.Tensor2D {
  const { width, depth, heads, epsilon } = config;
  const { length } = ids;
  return tf.tidy(() => {
    const dense = (x: tf.Tensor2D, name: string) => linear(x, weights[`${name}.weight`], weights[`${name}.bias`]);
    const norm = (x: tf.Tensor2D, name: string) =>
      layerNorm(x, weights[`${name}.weight`], weights[`${name}.bias`], epsilon);
    const { words, positions, types } = embeddingNames;
    const read = tf.gather(weights[words], tf.tensor1d([...ids], 'int32'));
    const places = tf.slice(weights[positions], [0, 0], [length, width]);
    const type = tf.slice(weights[types], [0, 0], [1, width]);
    let x = norm(tf.add(read, tf.add(places, type)), embeddingNames.norm);
    /** [heads, tokens, width of a head] */
    const split = (rows: tf.Tensor2D) =>
      tf.transpose(tf.reshape(rows, [length, heads, width / heads]), [1, 0, 2]) as tf.Tensor3D;
    for (let layer = 0; layer < depth; layer++) {
      const names = layerNames(layer);
      const [query, key, value] = [names.query, names.key, names.value].map((name) => split(dense(x, name)));
      const scores = tf.div(tf.matMul(query, key, false, true), Math.sqrt(width / heads));
      const read = tf.transpose(tf.matMul(tf.softmax(scores), value), [1, 0, 2]);
      const joined = dense(tf.reshape(read, [length, width]), names.joined);
      x = norm(tf.add(x, joined), names.attended);
      x = norm(tf.add(x, dense(gelu(dense(x, names.up)), names.down)), names.output);
    }
    return x;
  });
}
