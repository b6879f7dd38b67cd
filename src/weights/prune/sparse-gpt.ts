import { CholeskyDecomposition, inverse, type Matrix } from 'ml-matrix';
import { UserError } from '../../checks/error.js';
import { largest } from '../largest.js';

/**
 * Prune a matrix and let later columns make up for what went (SparseGPT), in double precision.
 * @param weight [rows, columns]
 * @param gram X^T X of the inputs [columns, columns]
 * @param count weights that stay
 * @param damping this part of the mean of the diagonal is added to it
 * @param block columns among which the weights compete, in their order in the matrix
 */
export function sparseGpt(
  weight: Float32Array,
  gram: Matrix,
  count: number,
  { damping, block }: { damping: number; block: number },
): Float32Array {
  const columns = gram.rows;
  const rows = weight.length / columns;
  const result = Float64Array.from(weight);
  const U = upperFactor(
    seenInputs(gram, damping, (column) => {
      // An input that was never seen tells nothing about its weights.
      for (let row = 0; row < rows; row++) result[row * columns + column] = 0;
    }),
  );
  const drop = weight.length - count;
  for (let start = 0; start < columns; start += block) {
    const end = Math.min(columns, start + block);
    const width = end - start;
    const scores = Float32Array.from({ length: rows * width }, (_, at) => {
      const column = start + (at % width);
      return (result[Math.floor(at / width) * columns + column] / U[column][column]) ** 2;
    });
    const here = Math.round((drop * end) / columns) - Math.round((drop * start) / columns);
    const kept = largest(scores, scores.length - here);
    for (let row = 0; row < rows; row++)
      for (let column = start; column < end; column++) {
        if (kept[row * width + column - start]) continue;
        const own = row * columns;
        const error = result[own + column] / U[column][column];
        result[own + column] = 0;
        for (let later = column + 1; later < columns; later++) result[own + later] -= error * U[column][later];
      }
  }
  return Float32Array.from(result);
}

function seenInputs(gram: Matrix, damping: number, unseen: (column: number) => void): Matrix {
  const H = gram.clone();
  const extra = (damping * H.trace()) / H.rows;
  for (let at = 0; at < H.rows; at++) {
    if (H.get(at, at) === 0) {
      H.set(at, at, 1);
      unseen(at);
    }
    H.set(at, at, H.get(at, at) + extra);
  }
  return H;
}

/** U with U^T U = H^-1, upper triangular, as rows. @throws UserError for inputs whose products cannot be inverted */
function upperFactor(H: Matrix): Float64Array[] {
  const inverted = inverse(H);
  // Symmetric but for rounding.
  const factor = new CholeskyDecomposition(inverted.clone().add(inverted.transpose()).div(2));
  if (!factor.isPositiveDefinite())
    throw new UserError('sparsegpt: the calibration inputs are too few to invert. Give more, or a larger damping.');
  return factor.lowerTriangularMatrix
    .transpose()
    .to2DArray()
    .map((row) => Float64Array.from(row));
}
