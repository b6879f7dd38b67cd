import { type BatchOptions, type BatchSize, batchSize } from '../moon/batch.js';
import type { Sequence } from '../moon/sequence.js';

/** Lengths are rounded up to one of these; steps are at most 50%. */
const lengths = [16, 32, 48, 64, 96, 128, 192, 256];

/**
 * The padded size of a batch for embedding. There are only a few sizes, equal in every process, so that compiled graphs are shared and
 * found in the cache on disk.
 * @param rows number of sequences after padding
 */
export function embedShape(sequences: readonly Sequence[], options: BatchOptions, rows: number): BatchSize {
  const { length, images, states, groups } = batchSize(sequences, options);
  const padded = lengths.find((each) => each >= length) ?? Math.ceil(length / 128) * 128;
  const upTo = (count: number, step: number) => Math.ceil(count / step) * step;
  return {
    length: padded,
    images: upTo(images, Math.max(1, rows / 2)),
    states: upTo(states, Math.max(64, (rows * padded) / 4)),
    groups: groups.map((count) => upTo(count, Math.max(64, (rows * padded) / 4))),
  };
}

/** The number of sequences to which a batch is padded: the next power of two. */
export function paddedCount(count: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, count)));
}
