import { fillIn } from '../../checks/fill-in.js';
import { type Filled, fraction, integer, number, record, tagged } from '../../checks/schema.js';
import type { Part } from '../../moon/part-option.js';

/** AdamW (Loshchilov and Hutter 2019) and its schedule. */
export interface OptimizerOption {
  /** Updates of both stages together. */
  steps: number;
  /** Updates in which the rate rises to its peak; at most a fifth of all. */
  warmUpSteps: number;
  /** Peak. */
  rate: number;
  beta1: number;
  beta2: number;
  weightDecay: number;
  /** Largest global norm of the gradient. */
  clip: number;
  /** Batches whose gradients are summed into one update. */
  accumulate: number;
  /** Learning rate of a part as a multiple of `rate`; 0 freezes it. Default 1. */
  rates: Partial<Record<Part, number>>;
}

/** Weights that are evaluated and saved: those of the last step, or an exponential average over steps. */
export type AverageOption = { kind: 'none' } | { kind: 'exponential'; decay: number };

const beta = (of: string) => number({ min: 0, max: 0.99999, help: `how much of the mean of ${of} a step keeps` });
const rateOf = (what: string) =>
  number({ min: 0, default: 1, help: `the learning rate of ${what}, as a multiple of rate; 0 freezes` });

const ratesSchema = record<OptimizerOption['rates']>({
  vision: rateOf('the vision tower'),
  projector: rateOf('what brings visual tokens to the width of the language model'),
  tokens: rateOf('the token embeddings'),
  language: rateOf('the language model'),
  experts: rateOf('the experts'),
  router: rateOf('the routers'),
  temperature: rateOf('the temperature'),
});

export const optimizerSchema = record<OptimizerOption>({
  steps: integer({ min: 0, help: 'updates of all stages together' }),
  warmUpSteps: integer({ min: 0, help: 'updates in which the rate rises to its peak; at most a fifth of all' }),
  rate: number({ min: 0, help: 'the peak of the learning rate' }),
  beta1: beta('gradients'),
  beta2: beta('squared gradients'),
  weightDecay: number({ min: 0, help: 'how fast matrices shrink, as a multiple of the rate' }),
  clip: number({ min: 0, help: 'the largest norm of the gradient; a longer one is scaled down' }),
  accumulate: integer({ min: 1, max: 4096, help: 'batches whose gradients are summed into one update' }),
  rates: ratesSchema,
});

export const averageSchema = tagged<AverageOption>('which weights are evaluated and saved: the last, or an average', {
  none: {},
  exponential: { decay: fraction({ help: 'how much of the average a step keeps' }) },
});

/** Learning rate of every part as a multiple of the whole. */
export const ratesOption = (rates: OptimizerOption['rates']): Filled<OptimizerOption['rates']> =>
  fillIn(ratesSchema, rates, 'optimizer.rates');
