import { sequenceOptions } from '../../encoder/encoder.js';
import * as tf from '../../engine/tf.js';
import type { Batch } from '../../moon/batch.js';
import { denoisingTargets, NOISE, noised } from '../../moon/denoise.js';
import { specialId } from '../../moon/sequence.js';
import type { Sample } from '../../sampler/sampler.js';
import { cachedTokenizer } from '../../text/cached-tokenizer.js';
import { batchBuilder, type MicroBatch } from '../batch-builder.js';
import { batchStreams } from '../batch-stream.js';
import { exercisesOf } from '../captions/exercises.js';
import { compiledStep } from '../compiled-step.js';
import type { Objective, ObjectiveKind, StepBatch } from '../objective.js';
import { readSize } from '../read-size.js';
import { type DenoisingInputs, denoisingStep } from './step.js';

interface DenoisingBatch extends StepBatch {
  texts: MicroBatch;
  targets: tf.Tensor1D;
  factors: tf.Tensor1D;
}

/**
 * The stage of a masked diffusion language model (LLaDA, arXiv 2502.09992): fill in the hidden tokens of a product's text, given its images and
 * the tokens that are left.
 */
export const denoising: ObjectiveKind = {
  name: 'denoising',
  open({ encoder, trained, pixels, sampler, crops, state }): Objective<DenoisingBatch> {
    const read = sequenceOptions({ ...encoder, tokenizer: cachedTokenizer(encoder.tokenizer) }, pixels);
    const { captioning, seed } = encoder.config;
    const noise = specialId(encoder.tokenizer, NOISE);
    const textsAt = (sample: Sample, step: number) => exercisesOf(sample, captioning, step, read);
    const preview = sampler.preview().map(textsAt);
    const task = { config: encoder.config, model: encoder.model, trained };
    const build = batchBuilder(encoder, pixels, crops, preview, { microBatch: Number.POSITIVE_INFINITY });
    const step = compiledStep(task, 'denoising step', (inputs: DenoisingInputs, groups: Batch['groups']) =>
      denoisingStep(task, inputs, groups),
    );
    const streamOf = batchStreams(seed, 'noise', state);
    return {
      sample() {
        const sample = sampler.sample();
        const originals = textsAt(sample, state.step);
        const stream = streamOf();
        const hidden = originals.map((sequence) => noised(sequence, noise, stream));
        const [texts] = build(hidden.map(({ sequence }) => sequence));
        const { targets, factors } = denoisingTargets(originals, hidden, texts.batch);
        const own = { targets: tf.tensor1d(targets, 'int32'), factors: tf.tensor1d(factors) };
        return {
          ids: sample.items.map(({ product }) => product.id),
          size: readSize(originals),
          texts,
          ...own,
          dispose: () => tf.dispose([texts.tensors, own]),
        };
      },
      step: (weights, { texts: { tensors, batch }, targets, factors }) =>
        step({ weights, texts: tensors, targets, factors }, batch.groups),
    };
  },
};
