import { embedSequences } from '../../encoder/embed.js';
import { sequenceOptions } from '../../encoder/encoder.js';
import * as tf from '../../engine/tf.js';
import { productSequence, querySequence, type Sequence, type SequenceOptions } from '../../moon/sequence.js';
import { sourceUse } from '../../negatives/options.js';
import { emptyQueue, pushQueue, type Queue, queueActive } from '../../negatives/queue.js';
import type { Sample } from '../../sampler/sampler.js';
import { uniqueNegatives } from '../../sampler/unique-negatives.js';
import { mineHard } from '../../search/mined.js';
import { cachedTokenizer } from '../../text/cached-tokenizer.js';
import { batchBuilder, type MicroBatch } from '../batch-builder.js';
import { compiledStep } from '../compiled-step.js';
import type { Objective, ObjectiveKind, ObjectiveState, StepBatch } from '../objective.js';
import { readSize } from '../read-size.js';
import { cachedStep } from './cached-step.js';
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
}

/** How often hard negatives are mined in a run. */
const MINING_ROUNDS = 10;

/**
 * The contrastive stage (paper, figure 4a): queries are pulled towards the bought products and away from the negatives of every source. The
 * items of a step then enter the objective's queue.
 */
export const contrastive: ObjectiveKind = {
  name: 'contrastive',
  start({ config: { negatives }, model }) {
    const size = negatives.temporal.kind === 'queue' ? negatives.temporal.size : 0;
    return queueTensors(emptyQueue(size, model.network.text.width));
  },
  open({ encoder, trained, pixels, sampler, crops, state }): Objective<ContrastiveBatch, ContrastiveOutputs> {
    const { config, model } = encoder;
    const task = { config, model, trained };
    const { hard, temporal } = config.negatives;
    const { steps } = config.optimizer;
    const read = sequenceOptions({ ...encoder, tokenizer: cachedTokenizer(encoder.tokenizer) }, pixels);
    const preview = sampler.preview().map((sample) => sequencesOf(sample, read));
    const builderOf = (side: Side) =>
      batchBuilder(
        encoder,
        pixels,
        crops,
        preview.map((each) => each[side]),
      );
    const build = { queries: builderOf('queries'), items: builderOf('items'), labels: builderOf('labels') };
    const run = compiledStep(task, 'contrastive step', (inputs: ContrastiveInputs, groups: ContrastiveStatics) =>
      contrastiveStep(task, inputs, groups),
    );
    const queue = () => (queueActive(temporal, state.step, steps) ? queueOf(state) : undefined);
    return {
      async before(complete) {
        if (hard.kind !== 'mined' || state.step % Math.ceil(steps / MINING_ROUNDS) !== 0) return;
        const { products, numbers } = sampler.trainingSet;
        const sequences = products.map(({ product }) => productSequence(product, read));
        const parameters = complete();
        const embeddings = await embedSequences({ ...encoder, parameters }, sequences, pixels);
        parameters.dispose();
        const found = mineHard(embeddings, numbers, hard);
        sampler.useHard(found);
        state.extra.mined = [...found.of];
      },

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
          dispose: () => tf.dispose([micros.map(({ tensors }) => tensors), given]),
        };
      },

      step(weights, batch) {
        const { queries, items, labels, sample } = batch;
        const given = { ...batch.given, queue: queue() };
        const counts = uniqueNegatives(sample, sourceUse(config.negatives), given.queue?.products.dataSync());
        // An update with one micro-batch per side runs as one graph, a larger one with cached representations.
        if (Math.max(queries.length, items.length, labels.length) > 1)
          return { ...cachedStep(task, { weights, queries, items, labels, given }), counts };
        const [asked, offered, named] = [queries[0], items[0], labels.at(0)];
        const inputs = { weights, queries: asked.tensors, items: offered.tensors, labels: named?.tensors, ...given };
        const groups = { queries: asked.batch.groups, items: offered.batch.groups, labels: named?.batch.groups };
        return { ...run(inputs, groups), counts };
      },

      after({ itemEmbeddings }, { given }) {
        Object.assign(state.tensors, queueTensors(pushQueue(queueOf(state), itemEmbeddings, given.itemProducts)));
        itemEmbeddings.dispose();
      },
    };
  },
};

type Side = 'queries' | 'items' | 'labels';

/** The sequences of a step: every query, and every item with its image and fields in this step. */
function sequencesOf(sample: Sample, read: SequenceOptions): Record<Side, Sequence[]> {
  return {
    queries: sample.queries.map((query) => querySequence(query, read)),
    items: sample.items.map(({ product }, row) => {
      const image = sample.itemImages[row];
      const shown = { ...product, images: image ? [image] : [] };
      return productSequence(shown, { ...read, withhold: sample.withheld[row] });
    }),
    labels: (sample.labels?.texts ?? []).map((text, at) => querySequence({ id: `label ${at}: ${text}`, text }, read)),
  };
}

/** Upload which item is the positive or a negative of which query, and which labels apply to which query. */
function uploadTruth({ positiveOf, numbers, queryGroups, itemGroups, hardOf, labels, queries }: Sample) {
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

const queueOf = ({ tensors }: ObjectiveState): Queue => ({
  embeddings: tensors.queueEmbeddings as tf.Tensor2D,
  products: tensors.queueProducts as tf.Tensor1D,
});

const queueTensors = ({ embeddings, products }: Queue) => ({ queueEmbeddings: embeddings, queueProducts: products });
