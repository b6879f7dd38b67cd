import { largest, masked } from '../largest.js';
import { sumOfElected } from './elect-signs.js';
import type { MergeDeltas } from './merge-tensor.js';
import type { OfKind } from './option.js';
import { weightsOf } from './task-vector.js';

/** Keep the largest entries of each task vector, elect a sign for each entry, and average those that agree. */
export const ties: MergeDeltas<OfKind<'ties'>> = ({ deltas }, option) => {
  const kept = deltas.map((delta, model) => {
    const density = option.densities?.[model] ?? option.density;
    return masked(delta, largest(delta, Math.floor(density * delta.length)));
  });
  return sumOfElected(kept, weightsOf(option, deltas.length), option);
};
