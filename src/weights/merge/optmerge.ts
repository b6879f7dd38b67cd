import { type Disturbed, normalEquations } from './disturbance.js';
import type { MergeDeltas } from './merge-tensor.js';
import type { OfKind } from './option.js';
import {
  firstTriples,
  lowRank,
  Matrix,
  product,
  scaleColumns,
  singular,
  squares,
  sumOf,
  valuesOf,
  weightedMatrices,
} from './spectral.js';
import { solve, startOf } from './wudi.js';

/**
 * WUDI towards low-rank targets. Full tuning: what a model adds to the mean, of low rank, from the sum of all. LoRA: the model of low rank by
 * itself, from the mean. What is kept undisturbed are the first directions of the model itself in both.
 */
export const optMerge: MergeDeltas<OfKind<'optmerge'>> = (tensor, option) => {
  const models = weightedMatrices(tensor, option).filter((matrix) => squares(matrix) > 0);
  if (!models.length) return new Float32Array(tensor.deltas[0].length);
  const rank = option.rank || Math.max(1, Math.floor(Math.min(...tensor.shape) / models.length));
  const mean = sumOf(models).div(models.length);
  const disturbed = models.map((model): Disturbed => {
    const triples = firstTriples(singular(model), rank);
    const target =
      option.tuned === 'lora' ? product(triples) : Matrix.add(mean, lowRank(Matrix.sub(model, mean), rank));
    return { target, directions: scaleColumns(triples.V, triples.s).transpose(), size: squares(model) };
  });
  const start = startOf(models, option.tuned === 'lora' ? 'mean' : 'sum');
  return valuesOf(solve(normalEquations(disturbed), start, option.solve));
};
