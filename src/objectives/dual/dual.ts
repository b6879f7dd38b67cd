import { assert } from '../../checks/error.js';
import { sequenceOptions } from '../../encoder/encoder.js';
import * as tf from '../../engine/tf.js';
import type { BatchTensors } from '../../moon/batch.js';
import { sourceUse } from '../../negatives/options.js';
import type { Sample } from '../../sampler/sampler.js';
import { uniqueNegatives } from '../../sampler/unique-negatives.js';
import { cachedTokenizer } from '../../text/cached-tokenizer.js';
import { batchBuilder, type MicroBatch } from '../batch-builder.js';
import { compiledStep } from '../compiled-step.js';
import { hardMiner } from '../contrastive/hard-miner.js';
import { activeQueue, enterQueue, startQueue } from '../contrastive/queue-state.js';
import { uploadTruth } from '../contrastive/sides.js';
import type { ContrastiveOutputs, StepLabels } from '../contrastive/step.js';
import type { Objective, ObjectiveKind, StepBatch } from '../objective.js';
import { readSize } from '../read-size.js';
import { alignmentOption } from './option.js';
import { type DualSide, type DualTruth, dualSequences, dualSides, uploadDualTruth } from './sides.js';
import { type DualInputs, type DualStatics, dualStep } from './step.js';

interface DualBatch extends StepBatch {
  sides: Partial<Record<DualSide, MicroBatch>>;
  given: Omit<StepLabels, 'queue'> & DualTruth;
  progress: tf.Scalar;
  sample: Sample;
}

/**
 * The contrastive stage of MOON2.0 (arXiv 2511.12449): queries of each form are pulled towards the bought products, and pictures of items
 * towards their own texts. Whole items then enter the queue.
 */
export const dual: ObjectiveKind = {
  name: 'dual',
  start: startQueue,
  open({ encoder, trained, pixels, sampler, crops, state }): Objective<DualBatch, ContrastiveOutputs> {
    const { config, model } = encoder;
    const option = alignmentOption(config.alignment);
    assert(option.kind === 'dual', 'the stage of dual alignment');
    const task = { config, model, trained };
    const read = sequenceOptions({ ...encoder, tokenizer: cachedTokenizer(encoder.tokenizer) }, pixels);
    const preview = sampler.preview().map((sample) => dualSequences(sample, read, option));
    const builders = dualSides.map((side) => {
      const planned = preview.map((each) => each[side]);
      return [side, batchBuilder(encoder, pixels, crops, planned)] as const;
    });
    const run = compiledStep(task, 'dual step', (inputs: DualInputs, groups: DualStatics) =>
      dualStep(task, option, inputs, groups),
    );
    return {
      before: hardMiner(encoder, sampler, pixels, read, state),

      sample() {
        const sample = sampler.sample();
        const sequences = dualSequences(sample, read, option);
        const built = builders.map(([side, build]) => [side, build(sequences[side])] as const);
        assert(
          built.every(([, micros]) => micros.length <= 1),
          'a step of dual alignment is embedded at once',
        );
        const sides = Object.fromEntries(built.flatMap(([side, [micro]]) => (micro ? [[side, micro]] : [])));
        const given = { ...uploadTruth(sample), ...uploadDualTruth(sample, option) };
        const progress = tf.scalar(state.step / config.optimizer.steps);
        return {
          ids: sample.queries.map(({ id }) => id),
          size: readSize(Object.values(sequences).flat()),
          sides,
          given,
          progress,
          sample,
          dispose: () => tf.dispose([Object.values(sides).map(({ tensors }) => tensors), given, progress]),
        };
      },

      step(weights, { sides, given, progress, sample }) {
        const queue = activeQueue(config, state);
        const counts = uniqueNegatives(sample, sourceUse(config.negatives), queue?.products.dataSync());
        const of = <T>(part: (micro: MicroBatch) => T) =>
          Object.fromEntries(Object.entries(sides).map(([side, micro]) => [side, part(micro)])) as Partial<
            Record<DualSide, T>
          >;
        const tensors = of((micro): BatchTensors => micro.tensors);
        const inputs = { weights, sides: tensors, progress, ...given, queue };
        return {
          ...run(
            inputs,
            of(({ batch }) => batch.groups),
          ),
          counts,
        };
      },

      after: ({ itemEmbeddings }, { given }) => enterQueue(state, itemEmbeddings, given.itemProducts),
    };
  },
};
