import { logits } from '../../backbones/layers/decoder.js';
import type { Weights } from '../../engine/flat-weights.js';
import * as tf from '../../engine/tf.js';
import type { Batch, BatchTensors } from '../../moon/batch.js';
import { meanBalance } from '../../moon/experts/layer.js';
import { embedBatch, type MoonModel } from '../../moon/model.js';
import type { StepTask } from '../contrastive/step.js';
import type { StepWeights } from '../objective.js';

export type WritingOutputs = { gradient: tf.Tensor1D; measures: Record<string, tf.Scalar> };

/** What a stage that writes does in its own way. */
export interface WritingStage {
  /** Name of its loss among the measures. */
  name: string;
  attention: MoonModel['attention'];
  /** @param scores logits of every row of the batch [rows, vocabulary] */
  loss(scores: tf.Tensor2D): { total: tf.Scalar; accuracy: tf.Scalar };
  /** Further losses of the hidden states, by name, each with its weight. */
  also?(hidden: tf.Tensor3D, weights: Weights): Record<string, { loss: tf.Scalar; weight: number }>;
}

/** Loss and gradient of one batch of a stage that writes, with the router's balance. A pure function that does not read tensors on the host. */
export function writingStep(
  { model, config, trained }: StepTask,
  { trained: flat, frozen }: StepWeights,
  texts: BatchTensors,
  groups: Batch['groups'],
  { name, attention, loss, also }: WritingStage,
): WritingOutputs {
  return tf.tidy(() => {
    let measures: Record<string, tf.Scalar> = {};
    const { grad } = tf.valueAndGrad((flat: tf.Tensor) => {
      const weights = trained.weightsOf({ trained: flat as tf.Tensor1D, frozen });
      const { hidden, experts } = embedBatch({ ...model, attention }, weights, { groups }, texts, config.engine);
      const rows = tf.reshape(hidden, [-1, hidden.shape[2]]) as tf.Tensor2D;
      const { total: own, accuracy } = loss(logits(weights, rows));
      const balance = meanBalance(experts);
      const further = Object.entries(also?.(hidden, weights) ?? {});
      const total = further.reduce(
        (sum, [, { loss, weight }]) => tf.add(sum, tf.mul(loss, weight)),
        tf.add(own, tf.mul(balance, config.balance)) as tf.Scalar,
      );
      measures = { total, [name]: own, accuracy, balance };
      for (const [also, { loss }] of further) measures[also] = loss;
      for (const value of Object.values(measures)) tf.keep(value);
      return total;
    })(flat);
    return { gradient: grad as tf.Tensor1D, measures };
  });
}
