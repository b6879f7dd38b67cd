import { longCall } from '../engine/long-call.js';
import type { Sequence } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Embeddings } from '../search/embeddings.js';
import { embedderOf } from './embedder.js';
import type { Encoder } from './encoder.js';

export interface EmbedOptions {
  /** Sequences embedded at once. Default 64. */
  batch?: number;
  onProgress?: (done: number) => void;
  /** Stops after the running batch: the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Embed sequences, without augmentation, in the order given. `ids` are the sequences' own. Compiled where `engine.compile` says so: a
 * vector then depends on the sizes that its batch was filled up to by the rounding of its last digits alone.
 */
export async function embedSequences(
  encoder: Encoder,
  sequences: readonly Sequence[],
  pixels: Pixels,
  { batch: size = 64, onProgress, signal }: EmbedOptions = {},
): Promise<Embeddings> {
  return longCall(signal, async (call) => {
    const width = encoder.model.network.text.width;
    const embed = embedderOf(encoder, pixels);
    const vectors = new Float32Array(sequences.length * width);
    for (let start = 0; start < sequences.length; start += size) {
      call.signal.throwIfAborted();
      const embeddings = embed(sequences.slice(start, start + size));
      vectors.set(await embeddings.data(), start * width);
      embeddings.dispose();
      const done = Math.min(start + size, sequences.length);
      call.show({ label: 'embedding', done, total: sequences.length });
      onProgress?.(done);
    }
    return { ids: sequences.map(({ id }) => id), vectors, width };
  });
}
