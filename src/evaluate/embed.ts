import * as tf from '../engine/tf.js';
import { buildBatch, uploadBatch } from '../moon/batch.js';
import { batchOptions, embedBatch } from '../moon/model.js';
import type { Sequence } from '../moon/sequence.js';
import { unflatten } from '../train/flat.js';
import type { Trained } from '../train/loop.js';
import type { Pixels } from '../train/pixels.js';
import type { Embeddings } from './ranks.js';

/** Embed sequences, without augmentation, in the order given. `ids` are the sequences' own. */
export async function embedSequences(
  trained: Trained,
  sequences: readonly Sequence[],
  pixels: Pixels,
  { batch: size = 64, onProgress }: { batch?: number; onProgress?: (done: number) => void } = {},
): Promise<Embeddings> {
  const { model, parameters, layout } = trained;
  const width = model.network.text.width;
  const vectors = new Float32Array(sequences.length * width);
  for (let start = 0; start < sequences.length; start += size) {
    const batch = buildBatch(sequences.slice(start, start + size), batchOptions(model));
    const embeddings = tf.tidy(() => {
      const tensors = uploadBatch(batch, pixels.inputOf(batch.images));
      return embedBatch(model, unflatten(parameters, layout), batch, tensors).embeddings;
    });
    vectors.set(await embeddings.data(), start * width);
    embeddings.dispose();
    onProgress?.(Math.min(start + size, sequences.length));
  }
  return { ids: sequences.map(({ id }) => id), vectors, width };
}
