import type { Weights } from '../../engine/flat-weights.js';
import * as tf from '../../engine/tf.js';
import { gelu, layerNorm, linear } from '../layers/layers.js';
import { type BertConfig, embeddingNames, layerNames } from './config.js';

/** Added to the scores of padding. */
const MASKED = -1e9;

/**
 * Token states of texts after the last layer [texts, longest, width]. Shorter texts are padded; the states of padding mean nothing. The
 * caller frees it.
 * @param texts token ids of each text, with its special tokens
 */
export function runBert(config: BertConfig, weights: Weights, texts: readonly (readonly number[])[]): tf.Tensor3D {
  const { width, depth, heads, epsilon } = config;
  const count = texts.length;
  const length = texts.reduce((longest, { length }) => Math.max(longest, length), 1);
  const ids = new Int32Array(count * length);
  const padding = new Float32Array(count * length).fill(MASKED);
  texts.forEach((text, at) => {
    ids.set(text, at * length);
    padding.fill(0, at * length, at * length + text.length);
  });
  return tf.tidy(() => {
    const dense = (x: tf.Tensor2D, name: string) => linear(x, weights[`${name}.weight`], weights[`${name}.bias`]);
    const norm = (x: tf.Tensor2D, name: string) =>
      layerNorm(x, weights[`${name}.weight`], weights[`${name}.bias`], epsilon);
    const { words, positions, types } = embeddingNames;
    const read = tf.gather(weights[words], tf.tensor1d(ids, 'int32'));
    const places = tf.slice(weights[positions], [0, 0], [length, width]);
    const type = tf.slice(weights[types], [0, 0], [1, width]);
    let x = norm(
      tf.reshape(tf.add(tf.reshape(read, [count, length, width]), tf.add(places, type)), [-1, width]) as tf.Tensor2D,
      embeddingNames.norm,
    );
    const mask = tf.tensor4d(padding, [count, 1, 1, length]);
    const split = (rows: tf.Tensor2D) =>
      tf.transpose(tf.reshape(rows, [count, length, heads, width / heads]), [0, 2, 1, 3]) as tf.Tensor4D;
    for (let layer = 0; layer < depth; layer++) {
      const names = layerNames(layer);
      const [query, key, value] = [names.query, names.key, names.value].map((name) => split(dense(x, name)));
      const scores = tf.add(tf.div(tf.matMul(query, key, false, true), Math.sqrt(width / heads)), mask);
      const read = tf.transpose(tf.matMul(tf.softmax(scores), value), [0, 2, 1, 3]);
      const joined = dense(tf.reshape(read, [-1, width]) as tf.Tensor2D, names.joined);
      x = norm(tf.add(x, joined), names.attended);
      x = norm(tf.add(x, dense(gelu(dense(x, names.up)), names.down)), names.output);
    }
    return tf.reshape(x, [count, length, width]) as tf.Tensor3D;
  });
}
