import type { Share } from '../cluster/exchange.js';
import type { Encoder } from '../encoder/encoder.js';
import { plannedBatch, planShapes } from '../encoder/shape-plan.js';
import { uploadPictured } from '../encoder/upload.js';
import type { RandomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import type { Batch, BatchTensors } from '../moon/batch.js';
import { batchOptions } from '../moon/model.js';
import type { Sequence } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import { drawVariation, type Variations, variationOf } from '../pictures/variation.js';

/** A part of a batch that is embedded together, with its tensors. */
export interface MicroBatch {
  batch: Batch;
  tensors: BatchTensors;
}

/** Pads sequences, augments their images and uploads them, as micro-batches in the given order. */
export type BatchBuilder = (sequences: readonly Sequence[]) => MicroBatch[];

/**
 * Make the batch builder for one side of a step (queries, items, labels, captions). Batches are padded to one of two planned sizes, so that
 * few graphs are compiled.
 * @param crops random stream of the augmentation
 * @param preview the side's sequences in some steps of this run, from which the sizes are planned
 * @param options `microBatch`: number of sequences embedded together, default that of the config. A step of several micro-batches runs
 * operation by operation and is not padded to planned sizes. `shareOf`: which of the sequences to build, default all; they are augmented as among
 * all
 */
export function batchBuilder(
  { config, model }: Pick<Encoder, 'config' | 'model'>,
  pixels: Pixels,
  crops: RandomStream,
  preview: readonly (readonly Sequence[])[],
  { microBatch = config.microBatch, shareOf }: { microBatch?: number; shareOf?: (count: number) => Share } = {},
): BatchBuilder {
  const shared = (sequences: readonly Sequence[]) => shareOf?.(sequences.length) ?? { start: 0, end: sequences.length };
  const own = (sequences: readonly Sequence[]) => {
    const { start, end } = shared(sequences);
    return sequences.slice(start, end);
  };
  const shown = preview.map(own);
  const count = shown[0]?.length ?? 0;
  const plan = count && count <= microBatch ? planShapes(shown, batchOptions(model)) : [];
  return (sequences) => {
    const vary = sideVariations(sequences, config.augment, crops);
    passOver(sequences.slice(0, shared(sequences).start), pixels, vary, config.vision.kind === 'onnx');
    return chunks(own(sequences), microBatch).map((chunk) => {
      const batch = plannedBatch(chunk, plan, batchOptions(model));
      return { batch, tensors: uploadPictured(batch, model, pixels, vary) };
    });
  };
}

/**
 * The augmentation streams of one side of a step, independent of the number of micro-batches. A side without images does not advance the
 * stream, so that the augmentation is the same with and without labels.
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

/** Draw the augmentations of pictures that another process shows. */
function passOver(sequences: readonly Sequence[], pixels: Pixels, vary: Variations, features: boolean): void {
  const pictures = sequences.flatMap(({ segments }) => segments.flatMap(({ image }) => image ?? []));
  // An augmented picture of a frozen encoder is one of its views, which are read fast; others are cut, which takes longer than to draw how.
  if (features) tf.dispose(pixels.inputOf(pictures, { vary }));
  else for (const { crop } of pictures) drawVariation(crop, variationOf(crop, vary));
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  if (items.length <= size) return items.length ? [[...items]] : [];
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}
