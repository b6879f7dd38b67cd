import { fillIn } from '../../checks/fill-in.js';
import { type Filled, oneOf, tagged } from '../../checks/schema.js';

/**
 * Whether the pictures' own vector enters the embedding again after the language model (late fusion of NoteLLM-2, arXiv 2405.16789, equation 8).
 * - `none`: not (the paper's).
 * - `gate`: g v + (1 - g) h, with g = sigmoid(W [v; h]) for every number of the vector.
 * - `sum`: v + h.
 */
export type FusionOption = { kind: 'none' } | LateFusion;

export interface LateFusion {
  kind: 'gate' | 'sum';
  /** `next`, a control: the pictures of the next sequence of the batch, so that a vector depends on its batch. Default own. */
  pictures?: 'own' | 'next';
}

const late = {
  pictures: oneOf(['own', 'next'], {
    default: 'own',
    help: 'whose pictures; next, as a control, those of the next sequence in the batch',
  }),
};

export const fusionSchema = tagged<FusionOption>('whether the vector of the pictures enters the embedding once more', {
  none: {},
  gate: late,
  sum: late,
});

/** The option with its defaults filled in. */
export const fusionOption = (option: FusionOption = { kind: 'none' }): Filled<FusionOption> =>
  fillIn(fusionSchema, option, 'fusion');
