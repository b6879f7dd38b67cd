import { sequenceOptions } from '../../encoder/encoder.js';
import * as tf from '../../engine/tf.js';
import type { Batch } from '../../moon/batch.js';
import type { Sample } from '../../sampler/sampler.js';
import { cachedTokenizer } from '../../text/cached-tokenizer.js';
import { batchBuilder, type MicroBatch } from '../batch-builder.js';
import { batchStreams } from '../batch-stream.js';
import { exercisesOf } from '../captions/exercises.js';
import { summaryWeights } from '../captions/option.js';
import { compiledStep } from '../compiled-step.js';
import type { Objective, ObjectiveKind, StepBatch } from '../objective.js';
import { readSize } from '../read-size.js';
import { countedTokens, summaryMarks } from './marks.js';
import { type SummaryInputs, type SummaryMarks, summaryStep } from './step.js';

interface SummaryBatch extends StepBatch {
  texts: MicroBatch;
  marks: SummaryMarks;
}

/** The stage of MMAPS (arXiv 2308.11351): write summaries of what is read and seen, with losses that bring the two together. */
export const summaries: ObjectiveKind = {
  name: 'summaries',
  open({ encoder, trained, pixels, sampler, crops, state }): Objective<SummaryBatch> {
    const read = sequenceOptions({ ...encoder, tokenizer: cachedTokenizer(encoder.tokenizer) }, pixels);
    const { config, model } = encoder;
    const vocabulary = model.network.text.vocabSize;
    const by = summaryWeights(config.captioning);
    const textsAt = (sample: Sample, step: number) => exercisesOf(sample, config.captioning, step, read);
    const preview = sampler.preview().map(textsAt);
    const counted = countedTokens(preview.flat(), vocabulary);
    const task = { config, model, trained };
    const build = batchBuilder(encoder, pixels, crops, preview, { microBatch: Number.POSITIVE_INFINITY });
    const step = compiledStep(
      task,
      `summary step ${JSON.stringify(by)}`,
      (inputs: SummaryInputs, groups: Batch['groups']) => summaryStep(task, inputs, groups, by),
    );
    const streamOf = batchStreams(config.seed, 'regions', state);
    return {
      sample() {
        const sample = sampler.sample();
        const sequences = textsAt(sample, state.step);
        const stream = streamOf();
        const [texts] = build(sequences);
        const marks = summaryMarks(sequences, texts.batch, { vocabulary, counted, stream });
        return {
          ids: sample.items.map(({ product }) => product.id),
          size: readSize(sequences),
          texts,
          marks,
          dispose: () => tf.dispose([texts.tensors, marks]),
        };
      },
      step: (weights, { texts: { tensors, batch }, marks }) => step({ weights, texts: tensors, marks }, batch.groups),
    };
  },
};
