import * as tf from '../../engine/tf.js';
import { productSequence, querySequence, type Sequence, type SequenceOptions } from '../../moon/sequence.js';
import type { Sample } from '../../sampler/sampler.js';

/** A part of a step that is embedded together. */
export type Side = 'queries' | 'items' | 'labels';

/** The sequences of a step: every query, and every item with its image and fields in this step. */
export function sequencesOf(sample: Sample, read: SequenceOptions): Record<Side, Sequence[]> {
  return {
    queries: sample.queries.map((query) => querySequence(query, read)),
    items: sample.items.map(({ product, shown: said = product }, row) => {
      const image = sample.itemImages[row];
      const shown = { ...said, images: image ? [image] : [] };
      return productSequence(shown, { ...read, withhold: sample.withheld[row] });
    }),
    labels: (sample.labels?.texts ?? []).map((text, at) => querySequence({ id: `label ${at}: ${text}`, text }, read)),
  };
}

/** Upload which item is the positive or a negative of which query, and which labels apply to which query. */
export function uploadTruth({ positiveOf, numbers, queryGroups, itemGroups, hardOf, labels, queries }: Sample) {
  const upload = (values: Int32Array) => tf.tensor1d(values, 'int32');
  const ofLabels = (values: Float32Array) => tf.tensor2d(values, [queries.length, values.length / queries.length]);
  return {
    positiveOf: upload(positiveOf),
    queryProducts: upload(positiveOf.map((row) => numbers[row])),
    itemProducts: upload(numbers),
    queryGroups: upload(queryGroups),
    itemGroups: upload(itemGroups),
    ...(hardOf ? { hardOf: upload(hardOf) } : {}),
    ...(labels ? { truth: ofLabels(labels.truth), relevant: ofLabels(labels.relevant) } : {}),
  };
}
