import type { Encoder } from '../encoder/encoder.js';
import { plannedBatch, planShapes } from '../encoder/shape-plan.js';
import { uploadPictured } from '../encoder/upload.js';
import type { RandomStream } from '../engine/random.js';
import type { Batch, BatchTensors } from '../moon/batch.js';
import { batchOptions } from '../moon/model.js';
import type { Sequence } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Variations } from '../pictures/variation.js';

/** A part of a batch that is embedded at once, on the engine. */
export interface MicroBatch {
  batch: Batch;
  tensors: BatchTensors;
}

/** Pad sequences, vary their pictures, upload: one micro-batch after the other, in the order given. */
export type BatchBuilder = (sequences: readonly Sequence[]) => MicroBatch[];

/**
 * The batches of one side of a step (queries, items, labels, captions), filled up to one of two sizes so that few graphs are compiled.
 * @param crops stream of the pictures' variations
 * @param preview the side's sequences in some steps of this run, from which the sizes are planned
 * @param options `microBatch`: sequences that are embedded at once; default that of the config. A step of several micro-batches runs
 * operation by operation and is filled up to no plan
 */
export function batchBuilder(
  { config, model }: Pick<Encoder, 'config' | 'model'>,
  pixels: Pixels,
  crops: RandomStream,
  preview: readonly (readonly Sequence[])[],
  { microBatch = config.microBatch } = {},
): BatchBuilder {
  const count = preview[0]?.length ?? 0;
  const plan = count && count <= microBatch ? planShapes(preview, batchOptions(model)) : [];
  return (sequences) => {
    const vary = sideVariations(sequences, config.augment, crops);
    return chunks(sequences, microBatch).map((chunk) => {
      const batch = plannedBatch(chunk, plan, batchOptions(model));
      return { batch, tensors: uploadPictured(batch, model, pixels, vary) };
    });
  };
}

/**
 * How the pictures of one side of a step vary, in however many micro-batches they go. A side without pictures takes nothing of the
 * stream: whether a run has labels does not change how its pictures vary.
 */
function sideVariations(
  sequences: readonly Sequence[],
  augment: Variations['augment'],
  stream: RandomStream,
): Variations {
  const pictured = sequences.some(({ segments }) => segments.some(({ image }) => image));
  const of = pictured ? stream.integer(2 ** 31) : 0;
  return { whole: stream.child(`whole ${of}`), crops: stream.child(`crops ${of}`), augment };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  if (items.length <= size) return items.length ? [[...items]] : [];
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}
