import { linear } from '../../backbones/layers/layers.js';
import type { Weights } from '../../engine/flat-weights.js';
import type { RandomStream } from '../../engine/random.js';
import * as tf from '../../engine/tf.js';
import type { Batch } from '../batch.js';
import { initProjector } from '../projector.js';
import { promptGateNames } from '../weight-names.js';

/** The weights of a gate for states of `width` numbers. */
export function initPromptGate(width: number, range: number, stream: RandomStream): Weights {
  const { query, key, value, forget, output } = promptGateNames;
  const maps = [query, key, value].map((names) =>
    initProjector(names, width, width, range, stream.child(names.weight)),
  );
  const joined = [forget, output].map((names) =>
    initProjector(names, 2 * width, width, range, stream.child(names.weight)),
  );
  return Object.assign({}, ...maps, ...joined);
}

/**
 * States in which the texts of prompts have looked at the visual tokens of their sequence; all other tokens, and sequences without pictures, stay as
 * they are.
 * @param states [sequences, length, width]
 * @param isVisual 1 at visual tokens [sequences, length]; `isPrompt` at texts of prompts
 */
export function gateByPictures(
  weights: Weights,
  states: tf.Tensor3D,
  { isVisual, isPrompt }: { isVisual: tf.Tensor2D; isPrompt: tf.Tensor2D },
): tf.Tensor3D {
  return tf.tidy(() => {
    const [sequences, length, width] = states.shape;
    const rows = tf.reshape(states, [-1, width]) as tf.Tensor2D;
    const mapped = ({ weight, bias }: { weight: string; bias: string }, x: tf.Tensor2D) =>
      linear(x, weights[weight], weights[bias]);
    const byToken = (x: tf.Tensor2D) => tf.reshape(x, [sequences, length, width]) as tf.Tensor3D;
    const { query, key, value, forget, output } = promptGateNames;
    const [queries, keys, values] = [query, key, value].map((names) => byToken(mapped(names, rows)));
    const scores = tf.mul(tf.matMul(queries, keys, false, true), width ** -0.5);
    const far = tf.mul(tf.sub(1, tf.expandDims(isVisual, 1)), -1e9);
    const found = tf.reshape(tf.matMul(tf.softmax(tf.add(scores, far)), values), [-1, width]) as tf.Tensor2D;
    const gate = tf.sigmoid(mapped(forget, tf.concat([rows, found], 1) as tf.Tensor2D));
    const joined = tf.concat([rows, tf.mul(gate, found)], 1) as tf.Tensor2D;
    const isRead = tf.mul(isPrompt, tf.max(isVisual, 1, true));
    return tf.add(states, tf.mul(byToken(mapped(output, joined)), tf.expandDims(isRead, 2))) as tf.Tensor3D;
  });
}

/** 1 at the texts of prompts [sequences, length]. */
export function promptMask({
  aspects,
  sequences,
  length,
}: Pick<Batch, 'aspects' | 'sequences' | 'length'>): tf.Tensor2D {
  const marks = Float32Array.from(aspects, (aspect) => Number(aspect === 'prompt'));
  return tf.tensor2d(marks, [sequences, length]);
}
