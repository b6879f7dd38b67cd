import { checkConfig } from '../config/check-config.js';
import * as tf from '../engine/tf.js';
import { unit } from '../losses/unit-rows.js';
import type { Batch, BatchTensors } from '../moon/batch.js';
import { embeddingOption } from '../moon/embedding-option.js';
import type { FrozenText } from '../moon/frozen-text.js';
import type { Sequence } from '../moon/sequence.js';
import { visionOption } from '../pictures/vision-option.js';
import { textOption } from '../text/text-option.js';
import type { Encoder } from './encoder.js';

/**
 * Join learned vectors and those of the frozen encoders, so that a dot product is `1 - frozen` times the learned similarity plus `frozen` times
 * that of the frozen ones. The frozen vector of a side is [mean picture feature; mean sentence vector], each of length 1 or absent, scaled to
 * length 1.
 * @param learned unit vectors [sequences, width]
 * @param frozen share of the frozen encoders
 */
export function joinedEmbeddings(
  learned: tf.Tensor2D,
  sequences: readonly Sequence[],
  batch: Batch,
  { pictures }: BatchTensors,
  texts: FrozenText | undefined,
  frozen: number,
): tf.Tensor2D {
  return tf.tidy(() => {
    const parts = [
      ...('images' in pictures ? [] : [pictureMeans(sequences, batch, pictures)]),
      ...(texts ? [textMeans(sequences, texts)] : []),
    ];
    const present = parts.map((part) => tf.cast(tf.greater(tf.sum(tf.square(part), 1, true), 0), 'float32'));
    const count = tf.maximum(tf.addN(present), 1);
    const known = parts.map((part) => tf.mul(part, tf.sqrt(tf.div(frozen, count))));
    return tf.concat([tf.mul(learned, Math.sqrt(1 - frozen)), ...known], 1) as tf.Tensor2D;
  });
}

/** Mean feature of a sequence's pictures, each of length 1: [sequences, width], 0 without pictures. */
function pictureMeans(sequences: readonly Sequence[], batch: Batch, features: tf.Tensor): tf.Tensor2D {
  const own = sequences.map(({ segments }) => segments.filter(({ image }) => image).length);
  const owner = new Float32Array(sequences.length * batch.pictures);
  let at = 0;
  own.forEach((count, row) => {
    for (let n = 0; n < count; n++) owner[row * batch.pictures + at++] = 1;
  });
  const { length } = sequences;
  if (!at) return tf.zeros([length, features.shape[2]!]);
  const means = unit(tf.mean(features, 1) as tf.Tensor2D);
  return unit(tf.matMul(tf.tensor2d(owner, [length, batch.pictures]), means) as tf.Tensor2D);
}

/** Mean of the sentence vectors of a sequence's texts, each of length 1: [sequences, width], 0 without texts. */
function textMeans(sequences: readonly Sequence[], { width, read }: FrozenText): tf.Tensor2D {
  const values = new Float32Array(sequences.length * width);
  sequences.forEach(({ segments }, row) => {
    const sum = values.subarray(row * width, (row + 1) * width);
    for (const { read: text } of segments) {
      if (!text) continue;
      const { sentence } = read(text);
      for (let at = 0; at < width; at++) sum[at] += sentence[at];
    }
  });
  return unit(tf.tensor2d(values, [sequences.length, width]));
}

/**
 * The same encoder with another share of the frozen encoders in its similarities, of which training knows nothing.
 * @param frozen from 0, the learned vector alone, to 1
 * @throws UserError for a network that reads nothing frozen
 */
export function withFrozenShare(encoder: Encoder, frozen: number): Encoder {
  const embedding = frozen ? ({ kind: 'joined', frozen } as const) : ({ kind: 'learned' } as const);
  return { ...encoder, config: checkConfig({ ...encoder.config, embedding }) };
}

/** Numbers of an embedding of an encoder. */
export function embeddingWidth({ config, model }: Pick<Encoder, 'config' | 'model'>): number {
  const { width } = model.network.text;
  if (embeddingOption(config.embedding).kind === 'learned') return width;
  const [vision, text] = [visionOption(config.vision), textOption(config.text)];
  return width + (vision.kind === 'onnx' ? vision.width : 0) + (text.kind === 'frozen' ? text.width : 0);
}
