import { embedSequences } from '../encoder/embed.js';
import { type Encoder, sequenceOptions } from '../encoder/encoder.js';
import type { Sequence } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Embeddings } from '../search/embeddings.js';
import { type Input, inputSequence } from '../tasks/task.js';

/** Sequences between two looks at the signal. */
const CHUNK = 64;

export interface EmbedProgress {
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** Embeddings by input: what was asked for under any name, embedded once. */
export interface EmbeddingStore {
  /** Embeddings of inputs that were given, under these names. */
  of(ids: readonly string[], inputs: readonly Input[]): Embeddings;
  /** Different sequences that were embedded. */
  sequences: number;
}

/** Embed inputs, each different sequence once, however many tasks ask for it. */
export async function embedOnce(
  trained: Encoder,
  inputs: Iterable<Input>,
  pixels: Pixels,
  { onProgress, signal }: EmbedProgress = {},
): Promise<EmbeddingStore> {
  const read = sequenceOptions(trained, pixels);
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
  const width = trained.model.network.text.width;
  const vectors = new Float32Array(sequences.length * width);
  // Of like size side by side, so that little is padded.
  const size = sequences.map(({ segments }) => [segments.filter(({ image }) => image).length, lengthOf(segments)]);
  const order = sequences
    .map((_, row) => row)
    .sort((a, b) => size[a][0] - size[b][0] || size[a][1] - size[b][1] || a - b);
  for (let start = 0; start < order.length; start += CHUNK) {
    signal?.throwIfAborted();
    const rows = order.slice(start, start + CHUNK);
    const chunk = await embedSequences(
      trained,
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
      const own = new Float32Array(asked.length * width);
      asked.forEach((input, at) => {
        const from = rowOf.get(input)! * width;
        own.set(vectors.subarray(from, from + width), at * width);
      });
      return { ids: [...ids], vectors: own, width };
    },
  };
}

/** What decides an embedding: aspects, tokens and pictures. */
function keyOf({ segments }: Sequence): string {
  return JSON.stringify(segments.map(({ aspect, ids, image }) => [aspect, image ? [image.image.id, image.crop] : ids]));
}

function lengthOf(segments: Sequence['segments']): number {
  return segments.reduce((sum, { ids }) => sum + ids.length, 0);
}
