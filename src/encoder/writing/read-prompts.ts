import { logits, runLanguage } from '../../backbones/layers/decoder.js';
import type { KeyValueCache } from '../../backbones/layers/key-value-cache.js';
import type { Weights } from '../../engine/flat-weights.js';
import { gatherRows } from '../../engine/native-ops.js';
import * as tf from '../../engine/tf.js';
import { buildBatch } from '../../moon/batch.js';
import { batchOptions, languageInput } from '../../moon/model.js';
import { nextPosition } from '../../moon/next-position.js';
import type { Sequence } from '../../moon/sequence.js';
import type { Pixels } from '../../pictures/picture-store.js';
import type { Encoder } from '../encoder.js';
import { uploadPictured } from '../upload.js';
import { causal } from './causal.js';

/** Lengths of prompts are rounded up to multiples of this, so that few shapes occur. */
const BUCKET = 16;

/** What reading prompts leaves, beside keys and values in the cache. */
export interface ReadPrompts {
  /** The first token of each text. */
  first: Int32Array;
  /** Its position. */
  next: number[];
  /** [sequences, length] 1 = real token of a prompt */
  mask: Float32Array;
  length: number;
}

/** Read prompts together, and choose the first token of each text. Fills the cache. */
export function readPrompts(
  { model }: Encoder,
  weights: Weights,
  prompts: readonly Sequence[],
  pixels: Pixels,
  cache: KeyValueCache,
  chooseFrom: (scores: tf.Tensor2D) => tf.Tensor1D,
): ReadPrompts {
  const batch = buildBatch(prompts, { ...batchOptions(model), bucket: BUCKET });
  const { length, sequences, mask } = batch;
  const tensors = uploadPictured(batch, model, pixels);
  const first = tf.tidy(() => {
    const input = languageInput(causal(model), weights, batch, tensors);
    const { last } = runLanguage(model.network.text, weights, { ...input, cache });
    const ends = prompts.map(
      ({ segments }, row) => row * length + segments.reduce((sum, { ids }) => sum + ids.length, 0) - 1,
    );
    const states = gatherRows(tf.reshape(last, [sequences * length, -1]) as tf.Tensor2D, tf.tensor1d(ends, 'int32'));
    return chooseFrom(logits(weights, states)).dataSync<'int32'>();
  });
  tf.dispose(tensors);
  return { first, next: prompts.map((_, row) => nextPosition(batch, row)), mask, length };
}
