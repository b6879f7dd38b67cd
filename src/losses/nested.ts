import * as tf from '../engine/tf.js';
import type { ContrastiveInput } from '../negatives/sources.js';
import type { ContrastiveRecord } from './contrastive-terms.js';
import { truncated } from './unit-rows.js';

/**
 * A contrastive loss at several embedding sizes (Matryoshka representation learning, Kusupati et al., arXiv 2205.13147): the mean over
 * sizes of the loss on the first `size` numbers of queries, items and queue, rescaled to length 1. The record is that of the largest size,
 * with the mean as `total` and the loss of each size as `total8`, `total32` and so on.
 * @param sizes from `nestedSizes`; a single size gives the plain loss
 */
export function nestedLoss(
  sizes: readonly number[],
  input: ContrastiveInput,
  lossOf: (input: ContrastiveInput) => ContrastiveRecord,
): ContrastiveRecord {
  if (sizes.length === 1) return lossOf(input);
  return tf.tidy(() => {
    const { queue } = input;
    const records = sizes.map((size) =>
      lossOf({
        ...input,
        queries: truncated(input.queries, size),
        items: truncated(input.items, size),
        ...(queue ? { queue: { ...queue, embeddings: truncated(queue.embeddings, size) } } : {}),
      }),
    );
    const totals = Object.fromEntries(sizes.map((size, at) => [`total${size}`, tf.clone(records[at].total)]));
    const total = tf.mean(tf.stack(records.map((record) => record.total))) as tf.Scalar;
    return { ...records[sizes.length - 1], ...totals, total };
  });
}
