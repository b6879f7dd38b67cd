import type { Sequence } from '../moon/sequence.js';
import type { Trained } from '../train/loop.js';
import type { Pixels } from '../train/pixels.js';
import { embedderOf } from './embedder.js';
import type { Embeddings } from './ranks.js';

/**
 * Embed sequences, without augmentation, in the order given. `ids` are the sequences' own. Compiled where `engine.compile` says so: a
 * vector then depends on the sizes that its batch was filled up to by the rounding of its last digits alone.
 */
export async function embedSequences(
  trained: Trained,
  sequences: readonly Sequence[],
  pixels: Pixels,
  { batch: size = 64, onProgress }: { batch?: number; onProgress?: (done: number) => void } = {},
): Promise<Embeddings> {
  const width = trained.model.network.text.width;
  const embed = embedderOf(trained, pixels);
  const vectors = new Float32Array(sequences.length * width);
  for (let start = 0; start < sequences.length; start += size) {
    const embeddings = embed(sequences.slice(start, start + size));
    vectors.set(await embeddings.data(), start * width);
    embeddings.dispose();
    onProgress?.(Math.min(start + size, sequences.length));
  }
  return { ids: sequences.map(({ id }) => id), vectors, width };
}
