import { wrongOption } from '../checks/error.js';
import { integer, list, tagged } from '../checks/schema.js';

/**
 * How hidden states become one vector: `mean` over all real tokens (the paper's), or the `last` real token. `nested` lists sizes below the
 * width. Training makes each such prefix of a vector an embedding of its own (Matryoshka, arXiv 2205.13147), so that an index can be cut to
 * that size.
 */
export type PoolingOption = { kind: 'mean' | 'last'; nested?: readonly number[] };

const nested = list(integer({ min: 1, max: 8192, help: 'a size' }), {
  leftOut: 'full width only',
  help: 'sizes below the width to which vectors can be cut (Matryoshka)',
});

export const poolingSchema = tagged<PoolingOption, 'nested'>('how the hidden states of all tokens become one vector', {
  mean: { nested },
  last: { nested },
});

/**
 * All sizes at which a model's vectors can be used, in ascending order, including the full width.
 * @throws UserError for a size that is not below the width
 */
export function nestedSizes({ nested = [] }: PoolingOption, width: number): number[] {
  const wrong = nested.find((size) => !(Number.isInteger(size) && size >= 1 && size < width));
  if (wrong !== undefined)
    throw wrongOption('pooling.nested', wrong, `integers from 1 to ${width - 1}, below the width of ${width}`);
  return [...new Set(nested), width].sort((a, b) => a - b);
}
