import type { Filled } from '../checks/schema.js';
import type * as tf from '../engine/tf.js';
import type { ContrastiveInput } from '../negatives/sources.js';
import type { ContrastiveOptions, ContrastiveRecord } from './contrastive-terms.js';
import { infoNce } from './info-nce.js';
import { type LossOption, lossOption } from './option.js';

/** A loss between queries and items, by its kind: a function of its own options, the batch, the temperature and the use of sources. */
const losses: {
  [Kind in LossOption['kind']]: (
    option: Filled<Extract<LossOption, { kind: Kind }>>,
    input: ContrastiveInput,
    temperature: tf.Scalar,
    sources: ContrastiveOptions,
  ) => ContrastiveRecord;
} = {
  'info-nce': ({ symmetric, smoothing }, input, temperature, sources) =>
    infoNce(input, temperature, { ...sources, symmetric, smoothing }),
};

/** Compute the loss that the option names. @throws UserError for a wrong option */
export function contrastiveLoss(
  option: LossOption,
  input: ContrastiveInput,
  temperature: tf.Scalar,
  sources: ContrastiveOptions = {},
): ContrastiveRecord {
  const filled = lossOption(option);
  return losses[filled.kind](filled, input, temperature, sources);
}
