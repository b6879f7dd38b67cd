import { wrongOption } from '../../checks/error.js';
import { shareOf } from '../../cluster/exchange.js';
import { sequenceOptions } from '../../encoder/encoder.js';
import * as tf from '../../engine/tf.js';
import { sourceUse } from '../../negatives/options.js';
import type { Sample } from '../../sampler/sampler.js';
import { uniqueNegatives } from '../../sampler/unique-negatives.js';
import { cachedTokenizer } from '../../text/cached-tokenizer.js';
import { batchBuilder, type MicroBatch } from '../batch-builder.js';
import { compiledStep } from '../compiled-step.js';
import type { Objective, ObjectiveKind, StepBatch } from '../objective.js';
import { readSize } from '../read-size.js';
import { cachedStep } from './cached-step.js';
import { hardMiner } from './hard-miner.js';
import { activeQueue, enterQueue, startQueue } from './queue-state.js';
import { openSharedStep } from './shared-step.js';
import { type Side, sequencesOf, uploadTruth } from './sides.js';
import {
  type ContrastiveInputs,
  type ContrastiveOutputs,
  type ContrastiveStatics,
  contrastiveStep,
  type StepLabels,
} from './step.js';

/** The tensors of one step, each side in micro-batches. */
interface ContrastiveBatch extends StepBatch {
  queries: MicroBatch[];
  items: MicroBatch[];
  labels: MicroBatch[];
  given: Omit<StepLabels, 'queue'>;
  sample: Sample;
  /** Sequences of each side, of all processes. */
  counts: Record<Side, number>;
}

/**
 * The contrastive stage (paper, figure 4a): queries are pulled towards the bought products and away from the negatives of every source. The
 * items of a step then enter the objective's queue.
 */
export const contrastive: ObjectiveKind = {
  name: 'contrastive',
  shares: true,
  start: startQueue,
  open({ encoder, trained, pixels, sampler, crops, state, exchange }): Objective<ContrastiveBatch, ContrastiveOutputs> {
    const { config, model } = encoder;
    const task = { config, model, trained };
    const read = sequenceOptions({ ...encoder, tokenizer: cachedTokenizer(encoder.tokenizer) }, pixels);
    const preview = sampler.preview().map((sample) => sequencesOf(sample, read));
    if (exchange) requireRows(preview[0].queries.length, exchange.world);
    const own = exchange && ((count: number) => shareOf(count, exchange));
    const builderOf = (side: Side) =>
      batchBuilder(
        encoder,
        pixels,
        crops,
        preview.map((each) => each[side]),
        { shareOf: own },
      );
    const build = { queries: builderOf('queries'), items: builderOf('items'), labels: builderOf('labels') };
    const run = compiledStep(task, 'contrastive step', (inputs: ContrastiveInputs, groups: ContrastiveStatics) =>
      contrastiveStep(task, inputs, groups),
    );
    const shared = exchange && openSharedStep(task, exchange);
    return {
      before: hardMiner(encoder, sampler, pixels, read, state),

      sample() {
        const sample = sampler.sample();
        const sequences = sequencesOf(sample, read);
        const queries = build.queries(sequences.queries);
        const items = build.items(sequences.items);
        const labels = build.labels(sequences.labels);
        const given = uploadTruth(sample);
        const micros = [...queries, ...items, ...labels];
        return {
          ids: sample.queries.map(({ id }) => id),
          size: readSize(Object.values(sequences).flat()),
          queries,
          items,
          labels,
          given,
          sample,
          counts: { queries: sequences.queries.length, items: sequences.items.length, labels: sequences.labels.length },
          dispose: () => tf.dispose([micros.map(({ tensors }) => tensors), given]),
        };
      },

      async step(weights, batch) {
        const { queries, items, labels, sample } = batch;
        const given = { ...batch.given, queue: activeQueue(config, state) };
        const counts = uniqueNegatives(sample, sourceUse(config.negatives), given.queue?.products.dataSync());
        if (shared && own) {
          const sideOf = (side: Side) => ({
            count: batch.counts[side],
            share: own(batch.counts[side]),
            own: batch[side],
          });
          const sides = { queries: sideOf('queries'), items: sideOf('items'), labels: sideOf('labels') };
          return { ...(await shared({ weights, sides, given })), counts };
        }
        // An update with one micro-batch per side runs as one graph, a larger one with cached representations.
        if (Math.max(queries.length, items.length, labels.length) > 1)
          return { ...cachedStep(task, { weights, queries, items, labels, given }), counts };
        const [asked, offered, named] = [queries[0], items[0], labels.at(0)];
        const inputs = { weights, queries: asked.tensors, items: offered.tensors, labels: named?.tensors, ...given };
        const groups = { queries: asked.batch.groups, items: offered.batch.groups, labels: named?.batch.groups };
        return { ...run(inputs, groups), counts };
      },

      after: ({ itemEmbeddings }, { given }) => enterQueue(state, itemEmbeddings, given.itemProducts),
    };
  },
};

/** @throws UserError if a step has fewer queries than there are workers */
function requireRows(queries: number, workers: number): void {
  if (queries < workers)
    throw wrongOption('workers', workers, `at most ${queries}, the queries of a step`, 'Raise sampler.products.');
}
