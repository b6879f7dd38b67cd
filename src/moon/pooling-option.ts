import { wrongOption } from '../checks/error.js';
import { integer, list, tagged } from '../checks/schema.js';

/**
 * How hidden states become one vector: `mean` over all real tokens (the paper's), or the `last` real token. `nested` names sizes below
 * the width: training makes the first so many numbers of a vector one of their own (Matryoshka, Kusupati et al. 2022), so that an
 * index can be cut to them.
 */
export type PoolingOption = { kind: 'mean' | 'last'; nested?: readonly number[] };

const nested = list(integer({ min: 1, max: 8192, help: 'a size' }), {
  leftOut: 'whole vectors alone',
  help: 'sizes below the width that a vector can be cut to (Matryoshka)',
});

export const poolingSchema = tagged<PoolingOption, 'nested'>('how the states of all tokens become one vector', {
  mean: { nested },
  last: { nested },
});

/**
 * Sizes at which a model's vectors can be read, from the smallest to the whole width.
 * @throws UserError for a size that is not below the width
 */
export function nestedSizes({ nested = [] }: PoolingOption, width: number): number[] {
  const wrong = nested.find((size) => !(Number.isInteger(size) && size >= 1 && size < width));
  if (wrong !== undefined)
    throw wrongOption('pooling.nested', wrong, `whole numbers from 1 to ${width - 1}, below the width of ${width}`);
  return [...new Set(nested), width].sort((a, b) => a - b);
}
