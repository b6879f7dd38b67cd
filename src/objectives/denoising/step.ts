import type * as tf from '../../engine/tf.js';
import { maskedToken } from '../../losses/masked-token.js';
import type { Batch, BatchTensors } from '../../moon/batch.js';
import { type WritingOutputs, writingStep } from '../captions/writing-step.js';
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
 * always bidirectional.
 */
export const denoisingStep = (
  task: StepTask,
  { weights, texts, targets, factors }: DenoisingInputs,
  groups: Batch['groups'],
): WritingOutputs =>
  writingStep(task, weights, texts, groups, {
    name: 'denoising',
    attention: 'bidirectional',
    loss: (scores) => maskedToken(scores, targets, factors),
  });
