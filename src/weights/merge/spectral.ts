import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from 'ml-matrix';
import type { Deltas } from './merge-tensor.js';
import { weightsOf } from './task-vector.js';

/** Matrices in double precision. The engine has neither singular values nor eigenvalues. */
export { Matrix };

/** M = U diag(s) V^T with singular values in descending order; U [rows, k], V [columns, k], k the smaller side. */
export interface Singular {
  U: Matrix;
  s: number[];
  V: Matrix;
}

/** The task vectors of a tensor as matrices. */
export function matricesOf({ shape, deltas }: Deltas): Matrix[] {
  const [rows, columns] = shape;
  return deltas.map((delta) => Matrix.from1DArray(rows, columns, Array.from(delta)));
}

/** The same, each times its weight. */
export const weightedMatrices = (tensor: Deltas, option: { weights?: readonly number[] }): Matrix[] => {
  const weights = weightsOf(option, tensor.deltas.length);
  return matricesOf(tensor).map((matrix, model) => matrix.mul(weights[model]));
};

export const valuesOf = (matrix: Matrix): Float32Array => Float32Array.from(matrix.to1DArray());

export function singular(matrix: Matrix): Singular {
  const found = new SingularValueDecomposition(matrix, { autoTranspose: true });
  const k = Math.min(matrix.rows, matrix.columns);
  const first = (side: Matrix) => side.subMatrix(0, side.rows - 1, 0, k - 1);
  return { U: first(found.leftSingularVectors), s: found.diagonal.slice(0, k), V: first(found.rightSingularVectors) };
}

/** The first k singular triples. */
export function firstTriples({ U, s, V }: Singular, k: number): Singular {
  const first = (side: Matrix) => side.subMatrix(0, side.rows - 1, 0, k - 1);
  return { U: first(U), s: s.slice(0, k), V: first(V) };
}

/** U diag(s) V^T. */
export const product = ({ U, s, V }: Singular): Matrix => scaleColumns(U, s).mmul(V.transpose());

/** The matrix of the first k singular triples: the nearest one of this rank. */
export const lowRank = (matrix: Matrix, k: number): Matrix => product(firstTriples(singular(matrix), k));

/** The nearest matrix with orthonormal columns or rows. */
export function polarFactor(matrix: Matrix): Matrix {
  const { U, V } = singular(matrix);
  return U.mmul(V.transpose());
}

/** Eigenvalues of a symmetric matrix in descending order, and its eigenvectors as columns in the same order. */
export function symmetricEigen(matrix: Matrix): { values: number[]; vectors: Matrix } {
  const found = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const order = found.realEigenvalues
    .map((_, at) => at)
    .sort((a, b) => found.realEigenvalues[b] - found.realEigenvalues[a]);
  return {
    values: order.map((at) => found.realEigenvalues[at]),
    vectors: found.eigenvectorMatrix.subMatrixColumn(order),
  };
}

export const scaleColumns = (matrix: Matrix, factors: readonly number[]): Matrix =>
  matrix.clone().mulRowVector([...factors]);

/** The sum of the squares. */
export const squares = (matrix: Matrix): number => matrix.norm('frobenius') ** 2;

export const sumOf = (matrices: readonly Matrix[]): Matrix =>
  matrices.slice(1).reduce((sum, matrix) => sum.add(matrix), matrices[0].clone());
