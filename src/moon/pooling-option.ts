import { wrongOption } from '../checks/error.js';
import { fillIn } from '../checks/fill-in.js';
import { type Filled, fraction, integer, list, oneOf, tagged } from '../checks/schema.js';

/**
 * How hidden states become one vector: `mean` over all real tokens (the paper's), or the `last` real token. `nested` lists sizes below the
 * width. Training makes each such prefix of a vector an embedding of its own (Matryoshka, arXiv 2205.13147), so that an index can be cut to
 * that size. `slots`: the last token, and in training a second vector of the pictures alone (NoteLLM-2, arXiv 2405.16789).
 */
export type PoolingOption = { kind: 'mean' | 'last'; nested?: readonly number[] } | ({ kind: 'slots' } & SlotsOption);

export interface SlotsOption {
  /** Fraction of the first slot in the loss. Default 0.1, the paper's 1 to 9. */
  weight?: number;
  /** Where the first slot is: after the pictures, or, as a control that reads everything, before the last token. Default image. */
  first?: 'image' | 'text';
}

const nested = list(integer({ min: 1, max: 8192, help: 'a size' }), {
  leftOut: 'full width only',
  help: 'sizes below the width to which vectors can be cut (Matryoshka)',
});

export const poolingSchema = tagged<PoolingOption, 'nested'>('how the hidden states of all tokens become one vector', {
  mean: { nested },
  last: { nested },
  slots: {
    weight: fraction({ default: 0.1, help: 'the fraction of the first slot, of the pictures alone, in the loss' }),
    first: oneOf(['image', 'text'], {
      default: 'image',
      help: 'where the first slot is: after the pictures; or, a control, before the last token',
    }),
  },
});

/** The option with its defaults filled in, but for `nested`. */
export const poolingOption = (option: PoolingOption): Filled<PoolingOption, 'nested'> =>
  fillIn(poolingSchema, option, 'pooling');

/** The sizes below the width of an option. */
export const nestedOf = (option: PoolingOption): readonly number[] => (option.kind !== 'slots' && option.nested) || [];

/**
 * All sizes at which a model's vectors can be used, in ascending order, including the full width.
 * @throws UserError for a size that is not below the width
 */
export function nestedSizes(option: PoolingOption, width: number): number[] {
  const nested = nestedOf(option);
  const wrong = nested.find((size) => !(Number.isInteger(size) && size >= 1 && size < width));
  if (wrong !== undefined)
    throw wrongOption('pooling.nested', wrong, `integers from 1 to ${width - 1}, below the width of ${width}`);
  return [...new Set(nested), width].sort((a, b) => a - b);
}
