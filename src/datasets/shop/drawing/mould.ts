import type { Point, Solid } from './distance.js';
import { partsOf } from './forms/index.js';
import type { Paint } from './part.js';

/** Grid cells per unit of the drawing square: fine enough for images of a few hundred pixels. */
export const cellsPerUnit = 56;
/** Margin around a solid, so that the soft edge outside of it is covered. */
const margin = 3 / cellsPerUnit;

/** Signed distances of a solid sampled on a grid, so that drawing costs the same for every shape. */
export interface Field {
  x: number;
  y: number;
  columns: number;
  rows: number;
  /** [rows, columns] */
  values: Float32Array;
}

export interface Mould {
  parts: { paint: Paint; field: Field }[];
  /** Points on the outline of the entire product, sufficient to find its extent at any rotation. */
  outline: Point[];
}

const moulds = new Map<string, Mould>();

/** The mould of a shape of a leaf category, computed on first use. */
export function mouldOf(leaf: string, shape: string): Mould {
  const key = `${leaf}|${shape}`;
  const known = moulds.get(key);
  if (known) return known;
  const parts = partsOf(leaf, shape).map(({ paint, solid }) => ({ paint, field: sampleField(solid) }));
  const mould = { parts, outline: parts.flatMap(({ field }) => supportPoints(field)) };
  moulds.set(key, mould);
  return mould;
}

export function sampleField(solid: Solid): Field {
  const [x1, y1, x2, y2] = solid.bounds;
  const x = x1 - margin;
  const y = y1 - margin;
  const columns = Math.ceil((x2 + margin - x) * cellsPerUnit) + 2;
  const rows = Math.ceil((y2 + margin - y) * cellsPerUnit) + 2;
  const values = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      values[row * columns + column] = solid.distance(x + column / cellsPerUnit, y + row / cellsPerUnit);
    }
  }
  return { x, y, columns, rows, values };
}

/** The points of a field's outline that are farthest in each of 32 directions. */
function supportPoints(field: Field): Point[] {
  const edge = edgePoints(field);
  return Array.from({ length: 32 }, (_, i) => {
    const dx = Math.cos((i * Math.PI) / 16);
    const dy = Math.sin((i * Math.PI) / 16);
    return edge.reduce((best, point) => (point[0] * dx + point[1] * dy > best[0] * dx + best[1] * dy ? point : best));
  });
}

/** The points at which the distance changes its sign between neighbouring cells. */
function edgePoints({ x, y, columns, rows, values }: Field): Point[] {
  const out: Point[] = [];
  for (let row = 0; row < rows - 1; row++) {
    for (let column = 0; column < columns - 1; column++) {
      const at = row * columns + column;
      const here = values[at];
      const right = values[at + 1];
      const below = values[at + columns];
      if (here > 0 !== right > 0)
        out.push([x + (column + here / (here - right)) / cellsPerUnit, y + row / cellsPerUnit]);
      if (here > 0 !== below > 0)
        out.push([x + column / cellsPerUnit, y + (row + here / (here - below)) / cellsPerUnit]);
    }
  }
  return out;
}
