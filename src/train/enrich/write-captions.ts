import { setImmediate } from 'node:timers/promises';
import { logits } from '../../backbones/layers/decoder.js';
import type { Product } from '../../data/types.js';
import { type Encoder, sequenceOptions } from '../../encoder/encoder.js';
import { uploadPictured } from '../../encoder/upload.js';
import { unflatten } from '../../engine/flat-weights.js';
import { gatherRows } from '../../engine/native-ops.js';
import * as tf from '../../engine/tf.js';
import { buildBatch } from '../../moon/batch.js';
import { batchOptions, embedBatch } from '../../moon/model.js';
import { END_OF_TEXT, productSequence, type Sequence, specialTokens } from '../../moon/sequence.js';
import type { Pixels } from '../../pictures/picture-store.js';
import { imageOnly } from '../../tasks/withhold.js';

/** Products whose captions are written together. */
const TOGETHER = 64;

/**
 * Write a caption on the main image of each product, token by token, each time the most probable one, up to the end token or `most` tokens.
 * Empty for a product without a readable image, and where only special tokens come.
 */
export async function writeCaptions(
  encoder: Encoder,
  products: readonly Product[],
  pixels: Pixels,
  most: number,
  signal?: AbortSignal,
): Promise<string[]> {
  const read = { ...sequenceOptions(encoder, pixels), withhold: imageOnly };
  const captions = products.map(() => '');
  const pictured = products.flatMap((product, at) => {
    const [image] = product.images;
    return image && !pixels.missing.has(image.id) ? [{ at, start: productSequence(product, read) }] : [];
  });
  for (let first = 0; first < pictured.length; first += TOGETHER) {
    signal?.throwIfAborted();
    const chunk = pictured.slice(first, first + TOGETHER);
    const written = write(
      encoder,
      pixels,
      chunk.map(({ start }) => start),
      most,
    );
    chunk.forEach(({ at }, row) => {
      captions[at] = encoder.tokenizer.decode(written[row]).trim();
    });
    await setImmediate(); // Let timers and a notebook's interrupt run.
  }
  return captions;
}

function write(encoder: Encoder, pixels: Pixels, starts: readonly Sequence[], most: number): number[][] {
  const { model, tokenizer, config } = encoder;
  const special = new Set(specialTokens.map((token) => tokenizer.idOf(token)));
  const end = tokenizer.idOf(END_OF_TEXT);
  const written: number[][] = starts.map(() => []);
  const open = new Set(starts.keys());
  for (let count = 0; count < most && open.size; count++) {
    const rows = [...open];
    const sequences = rows.map(
      (row): Sequence => ({
        id: starts[row].id,
        segments: [...starts[row].segments, ...(count ? [{ aspect: 'title' as const, ids: written[row] }] : [])],
      }),
    );
    const batch = buildBatch(sequences, batchOptions(model));
    const tensors = uploadPictured(batch, model, pixels);
    const chosen = tf.tidy(() => {
      const weights = unflatten(encoder.parameters, encoder.layout);
      const { hidden } = embedBatch({ ...model, attention: 'causal' }, weights, batch, tensors, config.engine);
      const lengths = sequences.map(({ segments }) => segments.reduce((sum, { ids }) => sum + ids.length, 0));
      const last = tf.tensor1d(
        lengths.map((length, at) => at * batch.length + length - 1),
        'int32',
      );
      const states = gatherRows(tf.reshape(hidden, [-1, hidden.shape[2]]) as tf.Tensor2D, last);
      return tf.argMax(logits(weights, states), 1).dataSync();
    });
    tf.dispose(tensors);
    rows.forEach((row, at) => {
      if (chosen[at] === end) open.delete(row);
      else written[row].push(chosen[at]);
    });
  }
  return written.map((ids) => ids.filter((id) => !special.has(id)));
}
