import type { Grid, VisionConfig } from './config.js';

/** Windows of one size, consecutive in the reordered sequence of patches. */
export interface WindowGroup {
  count: number;
  /** Patches in each window. */
  length: number;
}

/** How the patches of one frame are reordered so that the patches of every attention window are consecutive. */
export interface WindowPlan {
  /** Merge units (mergeSize x mergeSize patches) in window order: `order[i]` is the unit at position i. */
  order: Int32Array;
  inverse: Int32Array;
  /** The windows in that order, grouped by size so that each size is one batch. Windows cut off at the border come last. */
  groups: WindowGroup[];
}

/**
 * Plan the attention windows of a frame: squares of `windowSize` pixels over the grid of merged tokens, cut off at the right and lower
 * border (Qwen2.5-VL, arXiv 2502.13923, section 2.1.1). The published code orders windows row by row; grouping them by size gives the same
 * result.
 */
export function planWindows(config: VisionConfig, grid: Grid): WindowPlan {
  const rows = grid.h / config.mergeSize;
  const columns = grid.w / config.mergeSize;
  const side = windowSide(config);
  const bySize = new Map<number, number[][]>();
  for (let top = 0; top < rows; top += side)
    for (let left = 0; left < columns; left += side) {
      const units: number[] = [];
      for (let y = top; y < Math.min(top + side, rows); y++)
        for (let x = left; x < Math.min(left + side, columns); x++) units.push(y * columns + x);
      const alike = bySize.get(units.length) ?? [];
      alike.push(units);
      bySize.set(units.length, alike);
    }
  const sizes = [...bySize.keys()].sort((a, b) => b - a);
  const order = Int32Array.from(sizes.flatMap((size) => bySize.get(size)!.flat()));
  const inverse = new Int32Array(order.length);
  order.forEach((unit, place) => {
    inverse[unit] = place;
  });
  const unitPatches = config.mergeSize ** 2;
  const groups = sizes.map((size) => ({ count: bySize.get(size)!.length, length: size * unitPatches }));
  return { order, inverse, groups };
}

/** Side of an attention window in tokens. */
export function windowSide({ windowSize, mergeSize, patchSize }: VisionConfig): number {
  return Math.floor(windowSize / mergeSize / patchSize);
}

/** Row and column of every patch of a frame [patches * 2], merge unit by merge unit in the given order. */
export function patchPositions(config: VisionConfig, grid: Grid, order: Int32Array): Int32Array {
  const merge = config.mergeSize;
  const columns = grid.w / merge;
  const out: number[] = [];
  for (const unit of order) {
    const [top, left] = [Math.floor(unit / columns) * merge, (unit % columns) * merge];
    for (let y = top; y < top + merge; y++) for (let x = left; x < left + merge; x++) out.push(y, x);
  }
  return Int32Array.from(out);
}
