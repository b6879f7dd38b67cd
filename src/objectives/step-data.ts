import type { MoonConfig } from '../config/config.js';
import { plannedBatch, type ShapePlan } from '../encoder/shape-plan.js';
import { uploadPictured } from '../encoder/upload.js';
import type { RandomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import type { Batch, BatchTensors } from '../moon/batch.js';
import { captionSequence, captionTargets } from '../moon/captions.js';
import { batchOptions, type MoonModel } from '../moon/model.js';
import { productSequence, querySequence, type Sequence, type SequenceOptions } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Variations } from '../pictures/variation.js';
import type { Draw } from '../sampler/draw.js';
import type { LabelDraw } from '../sampler/labels.js';

/** The sequences of one step. */
export interface StepSequences {
  queries: Sequence[];
  items: Sequence[];
  labels: Sequence[];
}

/** What the network reads in a step, padding left out. */
export interface ReadSize {
  tokens: number;
  /** Pairs of tokens of one sequence: the sum of squared lengths. */
  pairs: number;
  pictures: number;
}

export function readSize(sequences: readonly Sequence[]): ReadSize {
  const size = { tokens: 0, pairs: 0, pictures: 0 };
  for (const { segments } of sequences) {
    const length = segments.reduce((sum, { ids }) => sum + ids.length, 0);
    size.tokens += length;
    size.pairs += length ** 2;
    size.pictures += segments.filter(({ image }) => image).length;
  }
  return size;
}

/** How a draw is read: every query, and every item with the picture and the fields that stand for it this time. */
export function stepSequences(draw: Draw, labels: LabelDraw | undefined, read: SequenceOptions): StepSequences {
  return {
    queries: draw.queries.map((query) => querySequence(query, read)),
    items: draw.items.map(({ product }, row) => {
      const image = draw.itemImages[row];
      const shown = { ...product, images: image ? [image] : [] };
      return productSequence(shown, { ...read, withhold: draw.withheld[row] });
    }),
    labels: (labels?.texts ?? []).map((text, at) => querySequence({ id: `label ${at}: ${text}`, text }, read)),
  };
}

/** The captions of a draw: the items with all of their text. */
export function captionSequences({ items, itemImages }: Draw, read: SequenceOptions): Sequence[] {
  return items.map(({ product }, row) => {
    const image = itemImages[row];
    return captionSequence({ ...product, images: image ? [image] : [] }, read);
  });
}

/** What a batch is made of. */
export interface Reading {
  model: MoonModel;
  pixels: Pixels;
}

/**
 * How the pictures of one side of a step vary, in however many micro-batches they go. A side without pictures takes nothing of the
 * stream: whether a run has labels does not change how its pictures vary.
 */
export function sideVariations(
  sequences: readonly Sequence[],
  augment: MoonConfig['augment'],
  stream: RandomStream,
): Variations {
  const pictured = sequences.some(({ segments }) => segments.some(({ image }) => image));
  const of = pictured ? stream.integer(2 ** 31) : 0;
  return { whole: stream.child(`whole ${of}`), crops: stream.child(`crops ${of}`), augment };
}

/** Pad, fetch and vary the pictures, upload. */
export function uploadSequences(
  sequences: readonly Sequence[],
  plan: ShapePlan,
  { model, pixels }: Reading,
  vary: Variations,
): { batch: Batch; tensors: BatchTensors } {
  const batch = plannedBatch(sequences, plan, batchOptions(model));
  return { batch, tensors: uploadPictured(batch, model, pixels, vary) };
}

/** Labels that say who is whose positive and negative. */
export function uploadDraw({ positiveOf, numbers, queryGroups, itemGroups, hardOf }: Draw) {
  const labels = (values: Int32Array) => tf.tensor1d(values, 'int32');
  return {
    positiveOf: labels(positiveOf),
    queryProducts: labels(positiveOf.map((row) => numbers[row])),
    itemProducts: labels(numbers),
    queryGroups: labels(queryGroups),
    itemGroups: labels(itemGroups),
    ...(hardOf ? { hardOf: labels(hardOf) } : {}),
  };
}

export function uploadLabels({ truth, relevant }: LabelDraw, queries: number) {
  const shape: [number, number] = [queries, truth.length / queries];
  return { truth: tf.tensor2d(truth, shape), relevant: tf.tensor2d(relevant, shape) };
}

export function uploadTargets(batch: Batch): tf.Tensor1D {
  return tf.tensor1d(captionTargets(batch), 'int32');
}
