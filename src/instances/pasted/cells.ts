import { intersectionOverUnion } from '../../data/overlap.js';
import type { Box } from '../../data/types.js';

/** What every cell of a grid over a picture has to say, row by row. */
export interface CellTargets {
  /** [cells] 1 where a product's middle is. */
  objects: Float32Array;
  /** [cells, 4] distances from the cell's centre to the left, top, right and bottom edge of its product, as fractions of the side; 0 without one. */
  distances: Float32Array;
}

/** A cell belongs to a product if its centre is within this fraction of the box around the middle, or if the box's middle is in the cell (FCOS, arXiv 1904.01355). */
const MIDDLE = 0.5;

/** The centre of a cell. */
const centreOf = (cell: number, grid: number) => ({
  x: ((cell % grid) + 0.5) / grid,
  y: (Math.floor(cell / grid) + 0.5) / grid,
});

/** @param boxes where several claim a cell, the one with the nearest middle has it */
export function cellTargets(boxes: readonly Box[], grid: number): CellTargets {
  const objects = new Float32Array(grid * grid);
  const distances = new Float32Array(grid * grid * 4);
  for (let cell = 0; cell < objects.length; cell++) {
    const { x, y } = centreOf(cell, grid);
    const claims = boxes.flatMap((box) => {
      const { x1, y1, x2, y2 } = box;
      const [right, down] = [Math.abs(x - (x1 + x2) / 2), Math.abs(y - (y1 + y2) / 2)];
      const reach = (size: number) => Math.max((MIDDLE * size) / 2, 0.5 / grid);
      return right <= reach(x2 - x1) && down <= reach(y2 - y1) ? [{ box, far: Math.hypot(right, down) }] : [];
    });
    if (!claims.length) continue;
    const { x1, y1, x2, y2 } = claims.reduce((best, claim) => (claim.far < best.far ? claim : best)).box;
    objects[cell] = 1;
    distances.set(
      [x - x1, y - y1, x2 - x, y2 - y].map((distance) => Math.max(0, distance)),
      cell * 4,
    );
  }
  return { objects, distances };
}

/** Overlap above which two boxes count as one. */
const SAME = 0.5;

/**
 * The boxes that cells give, the surest first, without those that overlap a surer one by more than a half.
 * @param scores [cells] higher is surer
 * @param distances [cells, 4] as in `CellTargets`
 */
export function boxesOfCells(scores: ArrayLike<number>, distances: ArrayLike<number>, count: number): Box[] {
  const grid = Math.sqrt(scores.length);
  const sorted = Array.from(scores, (_, cell) => cell).sort((a, b) => scores[b] - scores[a]);
  const kept: Box[] = [];
  for (const cell of sorted) {
    if (kept.length === count) break;
    const { x, y } = centreOf(cell, grid);
    const [left, top, right, bottom] = [0, 1, 2, 3].map((edge) => distances[cell * 4 + edge]);
    const box = {
      x1: Math.max(0, x - left),
      y1: Math.max(0, y - top),
      x2: Math.min(1, x + right),
      y2: Math.min(1, y + bottom),
    };
    if (box.x1 < box.x2 && box.y1 < box.y2 && kept.every((other) => intersectionOverUnion(box, other) <= SAME))
      kept.push(box);
  }
  return kept;
}
