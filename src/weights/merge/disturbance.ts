import { type Matrix, scaleColumns, squares, sumOf, symmetricEigen } from './spectral.js';

/**
 * What WUDI and its relatives minimise over t: the sum over models of |(t - target) directions^T|^2 / size. In its normal equations
 * t C = D, C = sum of directions^T directions / size and D = sum of target directions^T directions / size.
 */
export interface Disturbed {
  target: Matrix;
  /** [any, columns] */
  directions: Matrix;
  /** |t_i|^2 of the model. */
  size: number;
}

export interface NormalEquations {
  /** [columns, columns] */
  C: Matrix;
  /** [rows, columns] */
  D: Matrix;
}

/** A direction whose eigenvalue is below this fraction of the largest one counts as one that no model reaches. */
const NOTHING = 1e-12;

export function normalEquations(models: readonly Disturbed[]): NormalEquations {
  const gram = models.map(({ directions, size }) => directions.transpose().mmul(directions).div(size));
  return { C: sumOf(gram), D: sumOf(models.map(({ target }, at) => target.mmul(gram[at]))) };
}

/** The minimum that is nearest to `start`: D C^+, and `start` in the directions that no model reaches. */
export const solveClosed = (equations: NormalEquations, start: Matrix): Matrix =>
  moveAlong(equations, start, (values) => values.map(() => 1));

/**
 * `start` moved towards the minimum along each eigenvector of C.
 * @param how the fraction of the way along each eigenvector, from the eigenvalues in descending order; no move where it is shorter
 */
export function moveAlong(
  { C, D }: NormalEquations,
  start: Matrix,
  how: (values: readonly number[]) => readonly number[],
): Matrix {
  const { values, vectors } = symmetricEigen(C);
  const reached = values.filter((value) => value > NOTHING * values[0]);
  const way = how(reached);
  const along = (factor: (fraction: number, at: number) => number) => values.map((_, at) => factor(way[at] ?? 0, at));
  const back = vectors.transpose();
  const left = scaleColumns(
    start.mmul(vectors),
    along((fraction) => fraction),
  ).mmul(back);
  const found = scaleColumns(
    D.mmul(vectors),
    along((fraction, at) => (fraction ? fraction / values[at] : 0)),
  ).mmul(back);
  return start.clone().sub(left).add(found);
}

/** The sum that is minimised. */
export function disturbance(t: Matrix, models: readonly Disturbed[]): number {
  return models.reduce((sum, { target, directions, size }) => {
    const off = t.clone().sub(target).mmul(directions.transpose());
    return sum + squares(off) / size;
  }, 0);
}
