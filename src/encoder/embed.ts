import { longCall } from '../engine/long-call.js';
import type { Sequence } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Embeddings } from '../search/embeddings.js';
import { embedderOf } from './embedder.js';
import type { Encoder } from './encoder.js';
import { embeddingWidth } from './joined-embedding.js';

export interface EmbedOptions {
  /** Number of sequences embedded together. Default 64. */
  batch?: number;
  onProgress?: (done: number) => void;
  /** Aborts after the current batch: the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Embed sequences in the given order, without augmentation. Returns vectors (`Embedder`) with the ids of the sequences. If `engine.compile` is set,
 * the padded size of a batch affects the last digits of a vector by rounding.
 * @example
 * ```ts
 * const catalogue = await moon.openCatalogue(moon.GROCERY_PACK);
 * const { encoder, pixels } = await moon.prepare(moon.grocery, catalogue);
 * const read = moon.encoder.sequenceOptions(encoder, pixels);
 * const sequences = catalogue.products.map((product) => moon.model.productSequence(product, read));
 * const { ids, vectors, width } = await moon.embedSequences(encoder, sequences, pixels);
 * ```
 */
export async function embedSequences(
  encoder: Encoder,
  sequences: readonly Sequence[],
  pixels: Pixels,
  { batch: size = 64, onProgress, signal }: EmbedOptions = {},
): Promise<Embeddings> {
  return longCall(signal, async (call) => {
    const embed = embedderOf(encoder, pixels);
    const width = embeddingWidth(encoder);
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
