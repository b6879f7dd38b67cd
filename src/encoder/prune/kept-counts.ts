import type { Weights } from '../../engine/flat-weights.js';
import { largest } from '../../weights/largest.js';
import { allocate, keptAt } from '../../weights/prune/allocate.js';
import { owlSparsities } from '../../weights/prune/layer-ratios.js';
import type { FilledPrune } from '../../weights/prune/option.js';
import type { PrunedMatrix } from './matrices.js';

/**
 * How many weights each matrix keeps. All ways keep the same number in the network.
 * @param measured of a block: its fraction of outliers (`owl`), diversity (`das`) or importance (`ecoflap`)
 */
export function keptCounts(
  matrices: readonly PrunedMatrix[],
  weights: Weights,
  { sparsity, score, ratios }: FilledPrune,
  measured: (block: number) => number,
): number[] {
  const sizes = matrices.map(({ rows, columns }) => rows * columns);
  if (score.kind === 'magnitude' && score.among === 'network') return amongAll(matrices, weights, sizes, sparsity);
  switch (ratios.kind) {
    case 'uniform':
      return keptAt(
        sizes,
        sizes.map(() => sparsity),
      );
    case 'owl': {
      const blocks = [...new Set(matrices.map(({ block }) => block))];
      const found = owlSparsities(blocks.map(measured), sparsity, ratios.range, ratios.opposite);
      const own = matrices.map(({ block }) => found[blocks.indexOf(block)]);
      // Blocks of different sizes would keep another number in all.
      const total = sizes.reduce((sum, size) => sum + size, 0);
      const mean = own.reduce((sum, each, at) => sum + each * sizes[at], 0) / total;
      return keptAt(
        sizes,
        own.map((each) => each - mean + sparsity),
      );
    }
    case 'das':
    case 'ecoflap':
      return allocate(
        sizes,
        matrices.map(({ block }) => measured(block)),
        sparsity,
        ratios.reach,
      );
  }
}

/** The largest weights of all matrices together. */
function amongAll(
  matrices: readonly PrunedMatrix[],
  weights: Weights,
  sizes: readonly number[],
  sparsity: number,
): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const all = new Float32Array(total);
  const starts = sizes.map((_, at) => sizes.slice(0, at).reduce((sum, size) => sum + size, 0));
  for (const [at, matrix] of matrices.entries()) all.set(valuesOf(matrix, weights), starts[at]);
  const kept = largest(all, Math.round(total * (1 - sparsity)));
  const ones = (start: number, size: number) => kept.subarray(start, start + size).reduce((sum, one) => sum + one, 0);
  return sizes.map((size, at) => ones(starts[at], size));
}

/** The numbers of a matrix, row by row. */
export function valuesOf({ tensor, start, rows, columns }: PrunedMatrix, weights: Weights): Float32Array {
  return weights[tensor].dataSync<'float32'>().slice(start, start + rows * columns);
}
