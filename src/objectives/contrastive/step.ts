import type { MoonConfig } from '../../config/config.js';
import * as tf from '../../engine/tf.js';
import { contrastiveLoss } from '../../losses/contrastive-loss.js';
import { addInOrder } from '../../losses/contrastive-terms.js';
import { labelContrast } from '../../losses/label-contrast.js';
import { nestedLoss } from '../../losses/nested.js';
import { supervisedContrastive } from '../../losses/supervised-contrastive.js';
import { TEMPERATURE, temperatureOf } from '../../losses/temperature.js';
import type { Batch, BatchTensors } from '../../moon/batch.js';
import { meanBalance } from '../../moon/experts/layer.js';
import { embedBatch, type MoonModel } from '../../moon/model.js';
import { nestedSizes, poolingOption } from '../../moon/pooling-option.js';
import { sourceUse } from '../../negatives/options.js';
import type { Queue } from '../../negatives/queue.js';
import type { ContrastiveInput } from '../../negatives/sources.js';
import type { StepWeights, Trained } from '../objective.js';
import { embeddingsOf, representation, slotsOf } from './representation.js';

/** The fixed context of a step: the same during a run. */
export interface StepTask {
  model: MoonModel;
  config: MoonConfig;
  trained: Trained;
}

/** The inputs of the loss in addition to embeddings, for Q queries, N items, L labels. */
export type StepLabels = {
  positiveOf: tf.Tensor1D;
  queryProducts: tf.Tensor1D;
  itemProducts: tf.Tensor1D;
  queryGroups: tf.Tensor1D;
  itemGroups: tf.Tensor1D;
  hardOf?: tf.Tensor1D;
  queue?: Queue;
  /** [Q, L] whether a label applies to a query, and whether the query has a label of that kind (see `LabelSample`). */
  truth?: tf.Tensor2D;
  relevant?: tf.Tensor2D;
};

/** The tensors of one step. */
export type ContrastiveInputs = StepLabels & {
  weights: StepWeights;
  queries: BatchTensors;
  items: BatchTensors;
  labels?: BatchTensors;
};

/** What determines the graph of a step in addition to shapes: the slots of the expert groups. */
export interface ContrastiveStatics {
  queries: Batch['groups'];
  items: Batch['groups'];
  labels?: Batch['groups'];
}

export type ContrastiveOutputs = {
  gradient: tf.Tensor1D;
  /** Unit vectors [N, width] for the queue, without gradient. */
  itemEmbeddings: tf.Tensor2D;
  /** Scalars: `total` is the minimised loss, `contrastive` its main term; the others are further terms of the loss. */
  measures: Record<string, tf.Scalar>;
};

/**
 * Loss and gradient of one contrastive batch (paper, figure 4a): embed queries and items with the same weights, contrast each query's
 * bought product with the negatives of all sources, and add the router's balance term. A pure function that does not read tensors on the
 * host.
 */
export function contrastiveStep(
  { model, config, trained }: StepTask,
  { weights: { trained: flat, frozen }, queries, items, labels, ...given }: ContrastiveInputs,
  groups: ContrastiveStatics,
): ContrastiveOutputs {
  return tf.tidy(() => {
    let output: Omit<ContrastiveOutputs, 'gradient'> | undefined;
    const { grad } = tf.valueAndGrad((flat: tf.Tensor) => {
      const weights = trained.weightsOf({ trained: flat as tf.Tensor1D, frozen });
      const embed = (groups: Batch['groups'], tensors: BatchTensors) =>
        embedBatch(model, weights, { groups }, tensors, config.engine);
      const asked = embed(groups.queries, queries);
      const offered = embed(groups.items, items);
      const named = labels && embed(groups.labels!, labels);
      const embeddings = { queries: representation(asked), items: representation(offered), labels: named?.embeddings };
      const loss = stepLoss(config, embeddings, given, weights[TEMPERATURE]);
      const balance = meanBalance([asked, offered].flatMap(({ experts }) => experts));
      const total = tf.add(loss.total, tf.mul(balance, config.balance)) as tf.Scalar;
      const gate = asked.gate && { gate: tf.mean(asked.gate) as tf.Scalar };
      output = {
        measures: { ...loss, ...gate, balance, total },
        itemEmbeddings: tf.keep(tf.clone(offered.embeddings)),
      };
      for (const value of Object.values(output.measures)) tf.keep(value);
      return total;
    })(flat);
    return { ...output!, gradient: grad as tf.Tensor1D };
  });
}

/** The terms of the contrastive loss, computed from representations of queries and items, and their weighted sum `total`. */
export function stepLoss(
  config: Pick<MoonConfig, 'negatives' | 'loss' | 'temperature' | 'auxiliary' | 'pooling'>,
  { labels, ...sides }: { queries: tf.Tensor2D; items: tf.Tensor2D; labels?: tf.Tensor2D },
  { truth, relevant, ...given }: StepLabels,
  logTemperature: tf.Tensor,
): Record<string, tf.Scalar> & { total: tf.Scalar } {
  const { negatives, auxiliary } = config;
  const temperature = temperatureOf(config.temperature, logTemperature);
  const [queries, items] = [sides.queries, sides.items].map((rows) => embeddingsOf(rows, config.pooling));
  const input = { ...given, queries, items };
  const sizes = nestedSizes(config.pooling, queries.shape[1]);
  const { total: contrastive, ...measures } = nestedLoss(sizes, input, (each) =>
    contrastiveLoss(config.loss, each, temperature, sourceUse(negatives)),
  );
  const slots = slotLoss(config, { ...given, ...sides }, temperature);
  const main = slots ? tf.add(tf.mul(contrastive, 1 - slots.weight), tf.mul(slots.loss, slots.weight)) : contrastive;
  const beside = auxiliaryTerms(auxiliary, queries, { labels, truth, relevant, ...given }, temperature);
  const total = addInOrder([main, ...beside.weighed]) as tf.Scalar;
  return { ...measures, ...beside.measures, contrastive, ...(slots && { slot: slots.loss }), temperature, total };
}

/** The loss between first slots and its weight, where the pooling has them. The queue holds embeddings alone. */
function slotLoss(
  { pooling, loss, negatives }: Pick<MoonConfig, 'negatives' | 'loss' | 'pooling'>,
  { queue: _, ...input }: ContrastiveInput,
  temperature: tf.Scalar,
): { loss: tf.Scalar; weight: number } | undefined {
  const filled = poolingOption(pooling);
  if (filled.kind !== 'slots') return undefined;
  const slots = { ...input, queries: slotsOf(input.queries), items: slotsOf(input.items) };
  return { loss: contrastiveLoss(loss, slots, temperature, sourceUse(negatives)).total, weight: filled.weight };
}

/** The auxiliary losses of a step that have a weight, by name and weighed. */
export function auxiliaryTerms(
  auxiliary: MoonConfig['auxiliary'],
  queries: tf.Tensor2D,
  {
    labels,
    truth,
    relevant,
    queryProducts,
  }: Pick<StepLabels, 'truth' | 'relevant' | 'queryProducts'> & { labels?: tf.Tensor2D },
  temperature: tf.Scalar,
): { measures: Record<string, tf.Scalar>; weighed: tf.Tensor[] } {
  const measures: Record<string, tf.Scalar> = {};
  if (auxiliary.supervised) measures.supervised = supervisedContrastive(queries, queryProducts, temperature).total;
  if (labels) measures.labels = labelContrast(queries, labels, truth!, relevant!, temperature);
  const weighed = Object.entries(measures).map(([name, term]) =>
    tf.mul(term, auxiliary[name as keyof typeof auxiliary]),
  );
  return { measures, weighed };
}
