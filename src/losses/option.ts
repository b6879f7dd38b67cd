import { fillIn } from '../checks/fill-in.js';
import { type Filled, fraction, number, record, tagged, yesOrNo } from '../checks/schema.js';

/**
 * The loss between queries and items.
 * - `info-nce`: softmax against all negatives at one temperature (the paper's).
 */
export type LossOption = {
  kind: 'info-nce';
  /** Also from items to queries, and the mean of both. Default false. */
  symmetric?: boolean;
  /** This part of the target is spread over all that a query can choose from. Default 0. */
  smoothing?: number;
};

/**
 * Terms beside the contrastive loss, by weight: `supervised` pulls queries of one product together (supervised contrastive); `labels`
 * pulls a query to the texts of its product's category levels and attribute values, which makes classification and attribute
 * prediction of seen products supervised.
 */
export interface AuxiliaryOption {
  supervised: number;
  labels: number;
}

export const lossSchema = tagged<LossOption>('the loss between queries and items', {
  'info-nce': {
    symmetric: yesOrNo({ default: false, help: 'also tell items from queries, and take the mean of both directions' }),
    smoothing: fraction({
      default: 0,
      help: 'the part of the target that is spread over all choices (label smoothing)',
    }),
  },
});

export const auxiliarySchema = record<AuxiliaryOption>({
  supervised: number({ min: 0, help: 'the weight of the term that pulls queries of one product together' }),
  labels: number({ min: 0, help: 'the weight of the term that pulls queries to texts of their labels' }),
});

export const lossOption = (option: LossOption): Filled<LossOption> => fillIn(lossSchema, option, 'loss');
