import { embedSequences } from '../encoder/embed.js';
import { type Encoder, sequenceOptions } from '../encoder/encoder.js';
import { embeddingWidth } from '../encoder/joined-embedding.js';
import type { Sequence } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Embeddings } from '../search/embeddings.js';
import { pickVectors } from '../search/pick-vectors.js';
import { type Input, inputSequence } from '../tasks/task.js';

/** Number of sequences embedded between two checks of the signal. */
const CHUNK = 64;

export interface EmbedProgress {
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** Embeddings by input. An input used under several names is embedded once. */
export interface EmbeddingStore {
  /** The embeddings of inputs, under the given ids. All inputs must have been passed to `embedOnce`. */
  of(ids: readonly string[], inputs: readonly Input[]): Embeddings;
  /** Number of distinct sequences embedded. */
  sequences: number;
}

/** Embed inputs. Each distinct sequence is embedded once, even if several tasks use it. */
export async function embedOnce(
  encoder: Encoder,
  inputs: Iterable<Input>,
  pixels: Pixels,
  { onProgress, signal }: EmbedProgress = {},
): Promise<EmbeddingStore> {
  const read = sequenceOptions(encoder, pixels);
  const sequences: Sequence[] = [];
  const rowOfKey = new Map<string, number>();
  const rowOf = new Map<Input, number>();
  for (const input of inputs) {
    if (rowOf.has(input)) continue;
    const sequence = inputSequence(input, read);
    const key = keyOf(sequence);
    const row = rowOfKey.get(key) ?? sequences.push(sequence) - 1;
    rowOfKey.set(key, row);
    rowOf.set(input, row);
  }
  const width = embeddingWidth(encoder);
  const vectors = new Float32Array(sequences.length * width);
  // Batch sequences of similar size, to reduce padding.
  const size = sequences.map(({ segments }) => [segments.filter(({ image }) => image).length, lengthOf(segments)]);
  const order = sequences
    .map((_, row) => row)
    .sort((a, b) => size[a][0] - size[b][0] || size[a][1] - size[b][1] || a - b);
  for (let start = 0; start < order.length; start += CHUNK) {
    signal?.throwIfAborted();
    const rows = order.slice(start, start + CHUNK);
    const chunk = await embedSequences(
      encoder,
      rows.map((row) => sequences[row]),
      pixels,
      { batch: CHUNK },
    );
    rows.forEach((row, at) => void vectors.set(chunk.vectors.subarray(at * width, (at + 1) * width), row * width));
    onProgress?.(start + rows.length, order.length);
  }
  signal?.throwIfAborted();
  return {
    sequences: sequences.length,
    of(ids, asked) {
      const rows = asked.map((input) => rowOf.get(input)!);
      return { ids: [...ids], vectors: pickVectors(vectors, width, rows), width };
    },
  };
}

/** Everything that determines an embedding: aspects, tokens or texts, and images. */
function keyOf({ segments }: Sequence): string {
  return JSON.stringify(
    segments.map(({ aspect, ids, image, read }) => [aspect, image ? [image.image.id, image.crop] : (read ?? ids)]),
  );
}

function lengthOf(segments: Sequence['segments']): number {
  return segments.reduce((sum, { ids }) => sum + ids.length, 0);
}
