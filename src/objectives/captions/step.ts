import type * as tf from '../../engine/tf.js';
import { nextToken } from '../../losses/next-token.js';
import type { Batch, BatchTensors } from '../../moon/batch.js';
import type { StepTask } from '../contrastive/step.js';
import type { StepWeights } from '../objective.js';
import { type WritingOutputs, writingStep } from './writing-step.js';

/** Tensors of one captioning step: captions, and the target token of each row (-1: ignored). */
export type CaptionInputs = { weights: StepWeights; captions: BatchTensors; targets: tf.Tensor1D };

/**
 * Loss and gradient of one captioning batch: predict every token of a product's text from its images and the preceding text. Attention is
 * always causal.
 */
export const captionStep = (
  task: StepTask,
  { weights, captions, targets }: CaptionInputs,
  groups: Batch['groups'],
): WritingOutputs =>
  writingStep(task, weights, captions, groups, {
    name: 'nextToken',
    attention: 'causal',
    loss: (scores) => nextToken(scores, targets),
  });
