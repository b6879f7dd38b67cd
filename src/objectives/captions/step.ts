import { logits } from '../../backbones/layers/decoder.js';
import * as tf from '../../engine/tf.js';
import { nextToken } from '../../losses/next-token.js';
import type { Batch, BatchTensors } from '../../moon/batch.js';
import { meanBalance } from '../../moon/experts/layer.js';
import { embedBatch } from '../../moon/model.js';
import type { StepTask } from '../contrastive/step.js';
import type { StepWeights } from '../objective.js';

/** Tensors of one captioning step: captions, and the target token of each row (-1: ignored). */
export type CaptionInputs = { weights: StepWeights; captions: BatchTensors; targets: tf.Tensor1D };

export type CaptionOutputs = { gradient: tf.Tensor1D; measures: Record<string, tf.Scalar> };

/**
 * Loss and gradient of one captioning batch: predict every token of a product's text from its images and the preceding text. Attention is
 * always causal. A pure function that does not read tensors on the host.
 */
export function captionStep(
  { model, config, trained }: StepTask,
  { weights: { trained: flat, frozen }, captions, targets }: CaptionInputs,
  groups: Batch['groups'],
): CaptionOutputs {
  return tf.tidy(() => {
    let measures: Record<string, tf.Scalar> = {};
    const { grad } = tf.valueAndGrad((flat: tf.Tensor) => {
      const weights = trained.weightsOf({ trained: flat as tf.Tensor1D, frozen });
      const { hidden, experts } = embedBatch(
        { ...model, attention: 'causal' },
        weights,
        { groups },
        captions,
        config.engine,
      );
      const rows = tf.reshape(hidden, [-1, hidden.shape[2]]) as tf.Tensor2D;
      const { total: nextTokenLoss, accuracy } = nextToken(logits(weights, rows), targets);
      const balance = meanBalance(experts);
      const total = tf.add(nextTokenLoss, tf.mul(balance, config.balance)) as tf.Scalar;
      measures = { total, nextToken: nextTokenLoss, accuracy, balance };
      for (const value of Object.values(measures)) tf.keep(value);
      return total;
    })(flat);
    return { gradient: grad as tf.Tensor1D, measures };
  });
}
