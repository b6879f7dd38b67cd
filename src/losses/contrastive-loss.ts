import { wrongOption } from '../checks/error.js';
import type * as tf from '../engine/tf.js';
import type { ContrastiveInput } from '../negatives/sources.js';
import type { ContrastiveOptions, ContrastiveRecord } from './contrastive-terms.js';
import { infoNce } from './info-nce.js';

/**
 * The loss between queries and items.
 * - `info-nce`: softmax against all negatives at one temperature (the paper's); `symmetric` also from items to queries, `smoothing`
 *   spreads a part of the target over all choices.
 */
export type LossOption = { kind: 'info-nce'; symmetric?: boolean; smoothing?: number };

/** The loss of an option. @throws UserError for a wrong option. */
export function contrastiveLoss(
  option: LossOption,
  input: ContrastiveInput,
  temperature: tf.Scalar,
  sources: ContrastiveOptions = {},
): ContrastiveRecord {
  if (option.kind !== 'info-nce') throw wrongOption('loss.kind', (option as { kind: unknown }).kind, 'info-nce');
  return infoNce(input, temperature, { ...sources, symmetric: option.symmetric, smoothing: option.smoothing });
}
