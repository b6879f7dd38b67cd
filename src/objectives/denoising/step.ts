import { logits } from '../../backbones/layers/decoder.js';
import * as tf from '../../engine/tf.js';
import { maskedToken } from '../../losses/masked-token.js';
import type { Batch, BatchTensors } from '../../moon/batch.js';
import { meanBalance } from '../../moon/experts/layer.js';
import { embedBatch } from '../../moon/model.js';
import type { CaptionOutputs } from '../captions/step.js';
import type { StepTask } from '../contrastive/step.js';
import type { StepWeights } from '../objective.js';

/** Tensors of one denoising step: noised texts, and `denoisingTargets`. */
export type DenoisingInputs = {
  weights: StepWeights;
  texts: BatchTensors;
  targets: tf.Tensor1D;
  factors: tf.Tensor1D;
};

/**
 * Loss and gradient of one denoising batch: fill in the hidden tokens of a product's text from its images and all other tokens. Attention is
 * always bidirectional. A pure function that does not read tensors on the host.
 */
export function denoisingStep(
  { model, config, trained }: StepTask,
  { weights: { trained: flat, frozen }, texts, targets, factors }: DenoisingInputs,
  groups: Batch['groups'],
): CaptionOutputs {
  return tf.tidy(() => {
    let measures: Record<string, tf.Scalar> = {};
    const { grad } = tf.valueAndGrad((flat: tf.Tensor) => {
      const weights = trained.weightsOf({ trained: flat as tf.Tensor1D, frozen });
      const both: typeof model = { ...model, attention: 'bidirectional' };
      const { hidden, experts } = embedBatch(both, weights, { groups }, texts, config.engine);
      const rows = tf.reshape(hidden, [-1, hidden.shape[2]]) as tf.Tensor2D;
      const { total: denoising, accuracy } = maskedToken(logits(weights, rows), targets, factors);
      const balance = meanBalance(experts);
      const total = tf.add(denoising, tf.mul(balance, config.balance)) as tf.Scalar;
      measures = { total, denoising, accuracy, balance };
      for (const value of Object.values(measures)) tf.keep(value);
      return total;
    })(flat);
    return { gradient: grad as tf.Tensor1D, measures };
  });
}
