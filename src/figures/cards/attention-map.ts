import type { Figure } from '../figure.js';
import { type Picture, pictureLayout } from '../picture.js';
import { colourBar, titled } from '../theme.js';
import { type RegionBox, regionBoxes } from './region-boxes.js';

/** Attention weights on a grid over a picture. */
export interface AttentionGrid {
  /** [rows][columns], non-negative, on any scale: the figure shows each patch's percentage of the total. */
  weights: number[][];
  /** The core region, in fractions of the picture. */
  core?: RegionBox['box'];
}

/**
 * A heatmap of attention over a picture, with the outline of the core region. The subtitle compares the fraction of the attention inside
 * the region with the region's fraction of the area.
 */
export function attentionMap(picture: Picture, { weights, core }: AttentionGrid, title = 'Attention'): Figure {
  const rows = weights.length;
  const columns = weights[0]?.length ?? 0;
  const total = weights.flat().reduce((sum, weight) => sum + weight, 0);
  const shape = pictureLayout(picture);
  const known = total > 0 && Number.isFinite(total);
  const centre = (count: number, length: number) =>
    Array.from({ length: count }, (_, cell) => ((cell + 0.5) * length) / count);
  const boxes = core ? regionBoxes(picture, [{ label: 'core region', box: core }]).data : [];
  return {
    data: [
      {
        type: 'heatmap',
        x: centre(columns, picture.width),
        y: centre(rows, picture.height),
        z: weights.map((row) => row.map((weight) => (known ? (100 * weight) / total : null))),
        colorscale: [
          [0, 'rgba(213,94,0,0)'],
          [0.5, 'rgba(213,94,0,0.45)'],
          [1, 'rgba(255,230,40,0.85)'],
        ],
        zmin: 0,
        hovertemplate: '%{z:.2f}% of the attention<extra></extra>',
        colorbar: colourBar('of the attention (%)'),
      },
      ...boxes.map((box) => ({ ...box, showlegend: false })),
    ],
    layout: {
      ...titled(
        title,
        [
          `n = ${rows * columns} patches (${columns} x ${rows})`,
          known ? coreText(weights, total, core) : 'no attention to show',
        ],
        shape.width,
      ),
      ...shape,
      hovermode: 'closest',
    },
  };
}

/** Attention inside the core region, compared with its area: uniform attention would give the fraction of the area. */
function coreText(weights: number[][], total: number, core: AttentionGrid['core']): string {
  if (!core) return 'no core region';
  const area = (core.x2 - core.x1) * (core.y2 - core.y1);
  const mass = coreMass(weights, core) / total;
  return `${(100 * mass).toFixed(1)}% falls into the core region, which is ${(100 * area).toFixed(1)}% of the picture`;
}

/** The total weight inside a box. A cell that is partly inside counts by the fraction of its area. */
export function coreMass(weights: number[][], { x1, y1, x2, y2 }: RegionBox['box']): number {
  const inside = (cell: number, cells: number, from: number, to: number) =>
    Math.max(0, Math.min((cell + 1) / cells, to) - Math.max(cell / cells, from)) * cells;
  return weights.reduce(
    (sum, row, i) =>
      sum +
      row.reduce(
        (part, weight, j) => part + weight * inside(i, weights.length, y1, y2) * inside(j, row.length, x1, x2),
        0,
      ),
    0,
  );
}
