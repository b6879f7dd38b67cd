import { type BatchOptions, type BatchSize, batchSize } from '../moon/batch.js';
import type { Sequence } from '../moon/sequence.js';

/** Multiples that lengths are rounded up to: each at most half as long again as the one before. */
const lengths = [16, 32, 48, 64, 96, 128, 192, 256];

/**
 * Few sizes, the same in every process, that any sequences are filled up to before they are embedded: compiled graphs are then shared by
 * all that is embedded, and found on the disk. `rows` sequences: as many as the batch is filled up to.
 */
export function embedShape(sequences: readonly Sequence[], options: BatchOptions, rows: number): BatchSize {
  const { length, images, groups } = batchSize(sequences, options);
  const padded = lengths.find((each) => each >= length) ?? Math.ceil(length / 128) * 128;
  const upTo = (count: number, step: number) => Math.ceil(count / step) * step;
  return {
    length: padded,
    images: upTo(images, Math.max(1, rows / 2)),
    groups: groups.map((count) => upTo(count, Math.max(64, (rows * padded) / 4))),
  };
}

/** Sequences that a batch of `count` is filled up to: a power of two. */
export function filledCount(count: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, count)));
}
