import { fillIn } from '../checks/fill-in.js';
import { boolean, type Filled, fraction, number, record, tagged } from '../checks/schema.js';

/**
 * The loss between queries and items.
 * - `info-nce`: softmax over all negatives at one temperature (the paper's).
 */
export type LossOption = {
  kind: 'info-nce';
  /** Also compute the loss from items to queries, and average both directions. Default false. */
  symmetric?: boolean;
  /** Label smoothing: the fraction of the target that is spread over all choices of a query. Default 0. */
  smoothing?: number;
};

/**
 * Weights of auxiliary loss terms. `supervised` pulls queries of one product together (supervised contrastive loss). `labels` pulls a query
 * to the texts of its product's category levels and attribute values, so that classification and attribute prediction of products seen in
 * training become supervised.
 */
export interface AuxiliaryOption {
  supervised: number;
  labels: number;
}

export const lossSchema = tagged<LossOption>('the loss between queries and items', {
  'info-nce': {
    symmetric: boolean({
      default: false,
      help: 'also compute the loss from items to queries, and average both directions',
    }),
    smoothing: fraction({
      default: 0,
      help: 'label smoothing: the fraction of the target that is spread over all choices',
    }),
  },
});

export const auxiliarySchema = record<AuxiliaryOption>({
  supervised: number({
    min: 0,
    help: 'the weight of the supervised contrastive loss, which pulls queries of one product together',
  }),
  labels: number({
    min: 0,
    help: "the weight of the label loss, which pulls queries to the texts of their product's labels",
  }),
});

export const lossOption = (option: LossOption): Filled<LossOption> => fillIn(lossSchema, option, 'loss');
