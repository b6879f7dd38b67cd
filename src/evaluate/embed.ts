import { longCall } from '../engine/long-call.js';
import * as tf from '../engine/tf.js';
import { buildBatch, uploadBatch } from '../moon/batch.js';
import { batchOptions, embedBatch } from '../moon/model.js';
import type { Sequence } from '../moon/sequence.js';
import { unflatten } from '../train/flat.js';
import type { Trained } from '../train/loop.js';
import type { Pixels } from '../train/pixels.js';
import type { Embeddings } from './ranks.js';

export interface EmbedOptions {
  /** Sequences embedded at once. Default 64. */
  batch?: number;
  onProgress?: (done: number) => void;
  /** Stops after the running batch: the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/** Embed sequences, without augmentation, in the order given. `ids` are the sequences' own. */
export async function embedSequences(
  trained: Trained,
  sequences: readonly Sequence[],
  pixels: Pixels,
  { batch: size = 64, onProgress, signal }: EmbedOptions = {},
): Promise<Embeddings> {
  return longCall(signal, async (call) => {
    const { model, parameters, layout } = trained;
    const width = model.network.text.width;
    const vectors = new Float32Array(sequences.length * width);
    for (let start = 0; start < sequences.length; start += size) {
      call.signal.throwIfAborted();
      const batch = buildBatch(sequences.slice(start, start + size), batchOptions(model));
      const embeddings = tf.tidy(() => {
        const tensors = uploadBatch(batch, pixels.inputOf(batch.images));
        return embedBatch(model, unflatten(parameters, layout), batch, tensors).embeddings;
      });
      vectors.set(await embeddings.data(), start * width);
      embeddings.dispose();
      const done = Math.min(start + size, sequences.length);
      call.show({ label: 'embedding', done, total: sequences.length });
      onProgress?.(done);
    }
    return { ids: sequences.map(({ id }) => id), vectors, width };
  });
}
