import { type Batch, type BatchOptions, type BatchSize, batchSize, buildBatch, fits } from '../moon/batch.js';
import type { Sequence } from '../moon/sequence.js';

/** Sizes that the batches of a run are filled up to, smallest first: one compiled graph each. */
export type ShapePlan = readonly BatchSize[];

/** Share of the sampled batches that the smaller size holds. */
const USUAL = 0.8;

/** Two sizes from a sample of a run's batches: one that most fit, and one that all of the sample fit. */
export function planShapes(samples: readonly (readonly Sequence[])[], options: BatchOptions): ShapePlan {
  const sizes = samples
    .map((each) => batchSize(each, options))
    .sort((a, b) => a.length - b.length || slots(a) - slots(b));
  const usual = largest(sizes.slice(0, Math.ceil(sizes.length * USUAL)));
  const all = largest(sizes);
  return fits(all, usual) ? [usual] : [usual, all];
}

/** A batch of the smallest planned size that holds it; one larger than all of them has its own. */
export function plannedBatch(sequences: readonly Sequence[], plan: ShapePlan, options: BatchOptions): Batch {
  const own = batchSize(sequences, options);
  return buildBatch(sequences, { ...options, least: plan.find((size) => fits(own, size)) });
}

const slots = ({ groups }: BatchSize) => groups.reduce((sum, count) => sum + count, 0);

function largest(sizes: readonly BatchSize[]): BatchSize {
  const most = (of: (size: BatchSize) => number) => Math.max(...sizes.map(of));
  return {
    length: most(({ length }) => length),
    images: most(({ images }) => images),
    groups: sizes[0].groups.map((_, group) => most(({ groups }) => groups[group])),
  };
}
