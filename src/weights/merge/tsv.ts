import type { MergeDeltas } from './merge-tensor.js';
import type { OfKind } from './option.js';
import { firstTriples, Matrix, polarFactor, product, singular, valuesOf, weightedMatrices } from './spectral.js';

/** The first singular triples of each model side by side, as many as fit, and their vectors replaced by the nearest orthonormal ones. */
export const tsv: MergeDeltas<OfKind<'tsv'>> = (tensor, option) => {
  const each = Math.max(1, Math.floor(Math.min(...tensor.shape) / tensor.deltas.length));
  const triples = weightedMatrices(tensor, option).map((matrix) => firstTriples(singular(matrix), each));
  const beside = (side: 'U' | 'V') =>
    triples
      .map((of) => of[side])
      .reduce((all, next) => new Matrix(all.to2DArray().map((row, at) => [...row, ...next.getRow(at)])));
  const s = triples.flatMap((of) => of.s);
  return valuesOf(product({ U: polarFactor(beside('U')), s, V: polarFactor(beside('V')) }));
};
