import { type Batch, type BatchOptions, type BatchSize, batchSize, buildBatch, fits } from '../moon/batch.js';
import type { Sequence } from '../moon/sequence.js';

/** The sizes to which the batches of a run are padded, smallest first. Each has one compiled graph. */
export type ShapePlan = readonly BatchSize[];

/** Fraction of the sampled batches that fit the smaller size. */
const USUAL = 0.8;

/** Plan two sizes from a sample of a run's batches: one that most batches fit, and one that all of the sample fit. */
export function planShapes(samples: readonly (readonly Sequence[])[], options: BatchOptions): ShapePlan {
  const sizes = samples
    .map((each) => batchSize(each, options))
    .sort((a, b) => a.length - b.length || slots(a) - slots(b));
  const usual = largest(sizes.slice(0, Math.ceil(sizes.length * USUAL)));
  const all = largest(sizes);
  return fits(all, usual) ? [usual] : [usual, all];
}

/** Pad a batch to the smallest planned size that it fits. A batch larger than all of them keeps its own size. */
export function plannedBatch(sequences: readonly Sequence[], plan: ShapePlan, options: BatchOptions): Batch {
  const own = batchSize(sequences, options);
  return buildBatch(sequences, { ...options, min: plan.find((size) => fits(own, size)) });
}

const slots = ({ groups }: BatchSize) => groups.reduce((sum, count) => sum + count, 0);

function largest(sizes: readonly BatchSize[]): BatchSize {
  const max = (of: (size: BatchSize) => number) => Math.max(...sizes.map(of));
  return {
    length: max(({ length }) => length),
    images: max(({ images }) => images),
    states: max(({ states }) => states),
    groups: sizes[0].groups.map((_, group) => max(({ groups }) => groups[group])),
  };
}
