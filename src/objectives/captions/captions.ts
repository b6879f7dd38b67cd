import { sequenceOptions } from '../../encoder/encoder.js';
import * as tf from '../../engine/tf.js';
import type { Batch } from '../../moon/batch.js';
import { captionSequence, captionTargets } from '../../moon/captions.js';
import type { Sequence, SequenceOptions } from '../../moon/sequence.js';
import type { Sample } from '../../sampler/sampler.js';
import { cachedTokenizer } from '../../text/cached-tokenizer.js';
import { batchBuilder, type MicroBatch } from '../batch-builder.js';
import { compiledStep } from '../compiled-step.js';
import type { Objective, ObjectiveKind, StepBatch } from '../objective.js';
import { readSize } from '../read-size.js';
import { type CaptionInputs, captionStep } from './step.js';

interface CaptionBatch extends StepBatch {
  captions: MicroBatch;
  targets: tf.Tensor1D;
}

/** The captioning stage: predict a product's text token by token, given its images. */
export const captions: ObjectiveKind = {
  name: 'captions',
  open({ encoder, trained, pixels, sampler, crops }): Objective<CaptionBatch> {
    const read = sequenceOptions({ ...encoder, tokenizer: cachedTokenizer(encoder.tokenizer) }, pixels);
    const preview = sampler.preview().map((sample) => captionsOf(sample, read));
    const task = { config: encoder.config, model: encoder.model, trained };
    // All captions of a step form one batch, whatever their number.
    const build = batchBuilder(encoder, pixels, crops, preview, { microBatch: Number.POSITIVE_INFINITY });
    const step = compiledStep(task, 'caption step', (inputs: CaptionInputs, groups: Batch['groups']) =>
      captionStep(task, inputs, groups),
    );
    return {
      sample() {
        const sample = sampler.sample();
        const sequences = captionsOf(sample, read);
        const [captions] = build(sequences);
        const targets = tf.tensor1d(captionTargets(captions.batch), 'int32');
        return {
          ids: sample.items.map(({ product }) => product.id),
          size: readSize(sequences),
          captions,
          targets,
          dispose: () => tf.dispose([captions.tensors, targets]),
        };
      },
      step: (weights, { captions: { tensors, batch }, targets }) =>
        step({ weights, captions: tensors, targets }, batch.groups),
    };
  },
};

/** The captions of a step: its items with all of their text. */
function captionsOf({ items, itemImages }: Sample, read: SequenceOptions): Sequence[] {
  return items.map(({ product }, row) => {
    const image = itemImages[row];
    return captionSequence({ ...product, images: image ? [image] : [] }, read);
  });
}
