import { descend } from './descend.js';
import { type Disturbed, moveAlong, type NormalEquations, normalEquations, solveClosed } from './disturbance.js';
import type { Deltas, MergeDeltas } from './merge-tensor.js';
import type { OfKind, Solved } from './option.js';
import { type Matrix, squares, sumOf, valuesOf, weightedMatrices } from './spectral.js';

/** Disturb each model's own directions, the rows of its task vector, as little as possible. */
export const wudi: MergeDeltas<OfKind<'wudi'>> = (tensor, option) =>
  moved(tensor, option, (equations, start) => solve(equations, start, option.solve));

/** The same along the largest directions alone, softened. */
export const swudi: MergeDeltas<OfKind<'swudi'>> = (tensor, option) => {
  const count = Math.ceil(option.ratio * tensor.shape[1]);
  const way = (value: number) => 1 - Math.exp(-value * option.saturation);
  return moved(tensor, option, (equations, start) =>
    moveAlong(equations, start, (values) => values.slice(0, count).map(way)),
  );
};

/** The same all the way along as many directions as the eigenvalues spread over. */
export const aswudi: MergeDeltas<OfKind<'aswudi'>> = (tensor, option) =>
  moved(tensor, option, (equations, start) => moveAlong(equations, start, (values) => first(spread(values))));

/** (sum of sqrt L)^2 / sum of L: the number of equal eigenvalues that would be as spread out. */
function spread(values: readonly number[]): number {
  const roots = values.reduce((sum, value) => sum + Math.sqrt(value), 0);
  return roots ** 2 / values.reduce((sum, value) => sum + value, 0);
}

const first = (count: number) => Array<number>(Math.floor(count)).fill(1);

function moved(
  tensor: Deltas,
  option: { weights?: readonly number[]; start: 'sum' | 'mean' },
  move: (equations: NormalEquations, start: Matrix) => Matrix,
): Float32Array {
  const models = weightedMatrices(tensor, option).filter((matrix) => squares(matrix) > 0);
  if (!models.length) return new Float32Array(tensor.deltas[0].length);
  const equations = normalEquations(
    models.map((matrix): Disturbed => ({ target: matrix, directions: matrix, size: squares(matrix) })),
  );
  return valuesOf(move(equations, startOf(models, option.start)));
}

/** The sum of the task vectors, or their mean. */
export const startOf = (models: readonly Matrix[], start: 'sum' | 'mean'): Matrix =>
  sumOf(models).div(start === 'sum' ? 1 : models.length);

/** The minimum, by the normal equations or by gradient steps. */
export const solve = (equations: NormalEquations, start: Matrix, how: Solved): Matrix =>
  how.kind === 'closed' ? solveClosed(equations, start) : descend(equations, start, how);
