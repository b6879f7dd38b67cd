import type * as tf from '../engine/tf.js';
import type { ContrastiveInput } from '../negatives/sources.js';
import type { ContrastiveOptions, ContrastiveRecord } from './contrastive-terms.js';
import { infoNce } from './info-nce.js';
import { type LossOption, lossOption } from './option.js';

/**
 * Compute the contrastive loss of an option.
 * @param temperature scalar; similarities are divided by it
 * @param sources weights of the sources of negatives
 * @throws UserError for a wrong option
 */
export function contrastiveLoss(
  option: LossOption,
  input: ContrastiveInput,
  temperature: tf.Scalar,
  sources: ContrastiveOptions = {},
): ContrastiveRecord {
  const { symmetric, smoothing } = lossOption(option);
  return infoNce(input, temperature, { ...sources, symmetric, smoothing });
}
