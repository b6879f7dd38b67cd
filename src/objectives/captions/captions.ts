import { sequenceOptions } from '../../encoder/encoder.js';
import * as tf from '../../engine/tf.js';
import type { Batch } from '../../moon/batch.js';
import { captionTargets } from '../../moon/captions.js';
import type { Sample } from '../../sampler/sampler.js';
import { cachedTokenizer } from '../../text/cached-tokenizer.js';
import { batchBuilder, type MicroBatch } from '../batch-builder.js';
import { compiledStep } from '../compiled-step.js';
import type { Objective, ObjectiveKind, StepBatch } from '../objective.js';
import { readSize } from '../read-size.js';
import { exercisesOf } from './exercises.js';
import { type CaptionInputs, captionStep } from './step.js';

interface CaptionBatch extends StepBatch {
  captions: MicroBatch;
  targets: tf.Tensor1D;
}

/** The captioning stage: predict a product's text token by token, given its images. */
export const captions: ObjectiveKind = {
  name: 'captions',
  open({ encoder, trained, pixels, sampler, crops, state }): Objective<CaptionBatch> {
    const read = sequenceOptions({ ...encoder, tokenizer: cachedTokenizer(encoder.tokenizer) }, pixels);
    const { captioning } = encoder.config;
    const captionsAt = (sample: Sample, step: number) => exercisesOf(sample, captioning, step, read);
    const preview = sampler.preview().map(captionsAt);
    const task = { config: encoder.config, model: encoder.model, trained };
    // All captions of a step form one batch, whatever their number.
    const build = batchBuilder(encoder, pixels, crops, preview, { microBatch: Number.POSITIVE_INFINITY });
    const step = compiledStep(task, 'caption step', (inputs: CaptionInputs, groups: Batch['groups']) =>
      captionStep(task, inputs, groups),
    );
    return {
      sample() {
        const sample = sampler.sample();
        const sequences = captionsAt(sample, state.step);
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
