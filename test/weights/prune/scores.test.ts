import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { largest, largestByRow, masked } from '../../../src/weights/largest.js';
import { allocate, integers, keptAt } from '../../../src/weights/prune/allocate.js';
import { diversity, likeness, outlierShare, owlSparsities } from '../../../src/weights/prune/layer-ratios.js';
import { sparseGpt } from '../../../src/weights/prune/sparse-gpt.js';
import { representativeTokens } from '../../../src/weights/prune/token-choice.js';

const W = Float32Array.of(1, -2, 3, -4, 4, 1, -1, 2);
const X = new Matrix([
  [2, 1, 0, 0],
  [0, 2, 1, 0],
  [0, 0, 0, 0.4],
]);

/** |X W^T - X W'^T|^2. */
function outputError(before: Float32Array, after: Float32Array, inputs: Matrix): number {
  const matrix = (values: Float32Array) =>
    Matrix.from1DArray(values.length / inputs.columns, inputs.columns, [...values]);
  return inputs.mmul(matrix(before).sub(matrix(after)).transpose()).norm() ** 2;
}

describe('scores', () => {
  it('by row: what Wanda and magnitude keep, and what it costs', () => {
    const norms = [0, 1, 2, 3].map((column) => X.getColumnVector(column).norm());
    const wanda = W.map((weight, at) => Math.abs(weight) * norms[at % 4]);
    const byWanda = masked(W, largestByRow(wanda, 4, 4));
    expect([...byWanda]).toEqual([0, -2, 3, 0, 4, 1, 0, 0]);
    expect(outputError(W, byWanda, X)).toBeCloseTo(8.2, 5);
    const byMagnitude = masked(W, largestByRow(W, 4, 4));
    expect([...byMagnitude]).toEqual([0, 0, 3, -4, 4, 0, 0, 2]);
    expect(outputError(W, byMagnitude, X)).toBeCloseTo(18, 5);
  });

  it('keeps exactly as many as it should, where rows do not divide them too', () => {
    for (const count of [0, 1, 5, 7, 8]) {
      const kept = largestByRow(W, 4, count);
      expect(kept.reduce((sum, one) => sum + one, 0)).toBe(count);
    }
    expect([...largest(Float32Array.of(2, -5, 5, 1, 5), 2)]).toEqual([0, 1, 1, 0, 0]);
    expect([...largestByRow(Float32Array.of(2, -5, 5, 1, 0, 0), 3, 3)]).toEqual([0, 1, 1, 1, 0, 0]);
  });

  it('SparseGPT makes up for what it drops', () => {
    const gram = new Matrix([
      [2, 1],
      [1, 1],
    ]);
    const pruned = (weight: number[]) => [...sparseGpt(Float32Array.from(weight), gram, 1, { damping: 0, block: 128 })];
    expect(pruned([1, 1.5])).toEqual([0, 2.5]);
    expect(pruned([1.2, 1])).toEqual([expect.closeTo(1.2, 6), 0]);
    // X with X^T X = gram: the error of SparseGPT is 1, of Wanda 2.
    const inputs = new Matrix([
      [1, 0],
      [1, 1],
    ]);
    expect(outputError(Float32Array.of(1, 1.5), Float32Array.of(0, 2.5), inputs)).toBeCloseTo(1, 6);
    expect(outputError(Float32Array.of(1, 1.5), Float32Array.of(0, 1.5), inputs)).toBeCloseTo(2, 6);
  });

  it('SparseGPT finds the least squares of its own mask in the last columns', () => {
    const inputs = new Matrix(
      Array.from({ length: 12 }, (_, row) => [0, 1, 2, 3].map((column) => Math.sin(1 + (row + 1) * (column + 1.3)))),
    );
    const weight = Float32Array.of(0.1, 2, -1.5, 1);
    const found = sparseGpt(weight, inputs.transpose().mmul(inputs), 3, { damping: 0, block: 4 });
    expect(found[0]).toBe(0);
    // Without its first weight the row is a regression on the other inputs.
    const others = inputs.subMatrix(0, 11, 1, 3);
    const target = inputs.mmul(Matrix.columnVector([...weight]));
    const gram = others.transpose().mmul(others);
    const exact = gram.clone();
    const solved = solveSymmetric(exact, others.transpose().mmul(target));
    for (const at of [0, 1, 2]) expect(found[at + 1]).toBeCloseTo(solved[at], 5);
  });
});

/** Gauss elimination, the slow obvious way. */
function solveSymmetric(A: Matrix, b: Matrix): number[] {
  const n = A.rows;
  const rows = A.to2DArray().map((row, at) => [...row, b.get(at, 0)]);
  for (let pivot = 0; pivot < n; pivot++)
    for (let row = 0; row < n; row++) {
      if (row === pivot) continue;
      const factor = rows[row][pivot] / rows[pivot][pivot];
      for (let at = 0; at <= n; at++) rows[row][at] -= factor * rows[pivot][at];
    }
  return rows.map((row, at) => row[n] / row[at]);
}

describe('ratios', () => {
  it('OWL gives blocks with outliers more, and less with the other sign', () => {
    const near = (found: number[], expected: number[]) => {
      for (const [at, value] of expected.entries()) expect(found[at]).toBeCloseTo(value, 9);
    };
    near(owlSparsities([10, 2, 6], 0.5, 0.08, false), [0.42, 0.58, 0.5]);
    near(owlSparsities([10, 2, 6], 0.5, 0.08, true), [0.58, 0.42, 0.5]);
    near(owlSparsities([3, 3], 0.5, 0.08, false), [0.5, 0.5]);
    expect(outlierShare([Float32Array.of(1, 1, 1, 1), Float32Array.of(1, 1, 1, 93)], 5)).toBeCloseTo(1 / 8, 9);
  });

  it('DAS shares what is left by diversity', () => {
    const half = Math.SQRT1_2;
    const alike = likeness(Float32Array.of(1, 0, half, half, 0, 1, half, half), [true, true, false, false]);
    expect([alike.image, alike.text, alike.between].map((value) => value.toFixed(6))).toEqual([
      '0.707107',
      '0.707107',
      '0.603553',
    ]);
    expect(diversity(alike)).toBeCloseTo(0.982233, 6);
    expect(allocate([100, 100, 200], [0.3, 0.6, 0.3], 0.5, 0.1)).toEqual([50, 60, 90]);
    expect(allocate([100, 100, 200], [0.3, 0.6, 0.3], 0.5, 0.4)).toEqual([50, 90, 60]);
  });

  it('keeps no more than there is, and always the number of the network', () => {
    expect(allocate([10, 10], [1, 0], 0.3, 0.7)).toEqual([10, 4]);
    expect(allocate([10, 10], [0, 0], 0.5, 0.1)).toEqual([5, 5]);
    expect(integers([0.5, 0.5, 1.4, 1.6])).toEqual([1, 0, 1, 2]);
    expect(keptAt([101, 99], [0.5, 0.5])).toEqual([51, 49]);
  });
});

describe('token choice', () => {
  const degrees = [0, 10, 25, 80, 60, 75];
  const units = Float32Array.from(
    degrees.flatMap((degree) => [Math.cos((degree * Math.PI) / 180), Math.sin((degree * Math.PI) / 180)]),
  );
  const isImage = [true, true, true, true, false, false];
  const tokens = { units, attention: [0.3, 0.05, 0.05, 0.1, 0.1, 0.4] };
  const alike = likeness(units, isImage);

  it('AMIA takes tokens until they stand for the rest', () => {
    expect((alike.image + alike.text + alike.between) / 3).toBeCloseTo(0.758799, 6);
    expect(representativeTokens(tokens, alike, { neighbours: 3, threshold: 0.1 })).toEqual([1, 5]);
    // The discrepancy of the first one is 0.225075, of both 0.000747, and the bound at 0.1 is 0.049112.
    const at = (bound: number) =>
      representativeTokens(tokens, alike, { neighbours: 3, threshold: (0.1 * bound) / 0.049112 }).length;
    expect([at(0.22508), at(0.22507), at(0.000748), at(0.000746)].map((count) => Math.min(count, 3))).toEqual([
      1, 2, 2, 3,
    ]);
  });

  it('takes all with a threshold of 0', () => {
    expect(representativeTokens(tokens, alike, { neighbours: 3, threshold: 0 })).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
