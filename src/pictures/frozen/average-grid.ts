import { wrongOption } from '../../checks/error.js';

/**
 * Adaptive average pooling of a square grid of features, [grid * grid, width] -> [pool * pool, width]. If `pool` does not divide `grid`,
 * neighbouring averages share positions. Returns `features` itself if the sizes are equal.
 * @throws UserError when `pool` is larger than `grid`
 */
export function averageGrid(features: Float32Array, grid: number, width: number, pool: number): Float32Array {
  if (pool > grid) throw wrongOption('vision.pool', pool, `at most ${grid}, the number of positions along a side`);
  if (pool === grid) return features;
  const out = new Float32Array(pool * pool * width);
  const span = (at: number) => [Math.floor((at * grid) / pool), Math.ceil(((at + 1) * grid) / pool)];
  for (let row = 0, to = 0; row < pool; row++)
    for (let column = 0; column < pool; column++, to += width) {
      const [[top, bottom], [left, right]] = [span(row), span(column)];
      const fraction = 1 / ((bottom - top) * (right - left));
      for (let y = top; y < bottom; y++)
        for (let x = left; x < right; x++)
          for (let i = 0; i < width; i++) out[to + i] += fraction * features[(y * grid + x) * width + i];
    }
  return out;
}
