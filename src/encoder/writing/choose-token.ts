import { statelessUniform } from '../../engine/native-ops.js';
import type { RandomStream } from '../../engine/random.js';
import * as tf from '../../engine/tf.js';
import { specialTokens } from '../../moon/sequence.js';
import type { Encoder } from '../encoder.js';

/** The seed of one choice. */
export const seedOf = (stream: RandomStream) => [stream.integer(2 ** 31), stream.integer(2 ** 31)];

/** The likeliest token of each row of scores; with a seed one that is sampled, as the likeliest after Gumbel noise. */
export function choose(scores: tf.Tensor2D, temperature: tf.Scalar, seed: tf.Tensor1D | undefined): tf.Tensor1D {
  if (!seed) return tf.argMax(scores, 1);
  const uniform = tf.clipByValue(statelessUniform(scores.shape, seed), 1e-12, 1 - 1e-7);
  return tf.argMax(tf.sub(tf.div(scores, temperature), tf.log(tf.neg(tf.log(uniform)))), 1);
}

/** 0 for tokens that a text may have, words and the end, and -1e9 for those that stand for pictures and marks, or for nothing: [1, vocabulary]. */
export function allowedTokens({ tokenizer, model }: Encoder, end: number | undefined): tf.Tensor2D {
  const { vocabSize } = model.network.text;
  const values = new Float32Array(vocabSize).fill(-1e9, tokenizer.size);
  for (const token of specialTokens) {
    const id = tokenizer.idOf(token);
    if (id !== undefined && id !== end) values[id] = -1e9;
  }
  return tf.tensor2d(values, [1, vocabSize]);
}
