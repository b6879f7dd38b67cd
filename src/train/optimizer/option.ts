import { fillIn } from '../../checks/fill-in.js';
import { type Filled, fraction, integer, number, record, tagged } from '../../checks/schema.js';
import type { Part } from '../../moon/part-option.js';

/** AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101) and its schedule. */
export interface OptimizerOption {
  /** Total number of updates, over all stages. */
  steps: number;
  /** Number of warm-up updates in which the learning rate rises to its peak; at most a fifth of all. */
  warmUpSteps: number;
  /** Peak learning rate. */
  rate: number;
  beta1: number;
  beta2: number;
  weightDecay: number;
  /** Maximum global norm of the gradient. */
  clip: number;
  /** Number of batches whose gradients are accumulated in one update. */
  accumulate: number;
  /** Learning rates of parts of the model as multiples of `rate`; 0 freezes a part. Default 1. */
  rates: Partial<Record<Part, number>>;
}

/** Which weights are evaluated and saved: those of the last step, or an exponential moving average over steps. */
export type AverageOption = { kind: 'none' } | { kind: 'exponential'; decay: number };

const beta = (of: string) => number({ min: 0, max: 0.99999, help: `the decay of the running mean of ${of}` });
const rateOf = (what: string) =>
  number({ min: 0, default: 1, help: `the learning rate of ${what}, as a multiple of rate; 0 freezes` });

const ratesSchema = record<OptimizerOption['rates']>({
  vision: rateOf('the vision tower'),
  projector: rateOf('the projector from visual tokens to the width of the language model'),
  tokens: rateOf('the token embeddings'),
  language: rateOf('the language model'),
  experts: rateOf('the experts'),
  router: rateOf('the routers'),
  temperature: rateOf('the temperature'),
});

export const optimizerSchema = record<OptimizerOption>({
  steps: integer({ min: 0, help: 'the total number of updates, over all stages' }),
  warmUpSteps: integer({
    min: 0,
    help: 'warm-up updates in which the learning rate rises to its peak; at most a fifth of all',
  }),
  rate: number({ min: 0, help: 'the peak learning rate' }),
  beta1: beta('gradients'),
  beta2: beta('squared gradients'),
  weightDecay: number({ min: 0, help: 'the weight decay of matrices, as a multiple of the learning rate' }),
  clip: number({ min: 0, help: 'the maximum norm of the gradient; a larger one is scaled down' }),
  accumulate: integer({ min: 1, max: 4096, help: 'batches whose gradients are accumulated in one update' }),
  rates: ratesSchema,
});

export const averageSchema = tagged<AverageOption>(
  'which weights are evaluated and saved: the last ones, or a moving average',
  {
    none: {},
    exponential: { decay: fraction({ help: 'the decay of the moving average' }) },
  },
);

/** Learning rates of all parts, with defaults filled in. */
export const ratesOption = (rates: OptimizerOption['rates']): Filled<OptimizerOption['rates']> =>
  fillIn(ratesSchema, rates, 'optimizer.rates');
