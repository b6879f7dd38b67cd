import { groupBy } from '../../data/group-by.js';
import type { ScatterTrace } from '../figure.js';
import { neutral } from '../theme.js';
import type { MapPoint } from './map-points.js';

/** Thin lines from the first point of each product to its other points. Long lines show a gap between modalities. */
export function linkTrace(points: readonly MapPoint[], webgl: boolean): ScatterTrace | undefined {
  const products = [...groupBy(points, ({ product }) => product)].filter(
    ([product, own]) => product !== undefined && own.length > 1,
  );
  const ends = products.flatMap(([, [first, ...others]]) => others.map((other) => [first, other] as const));
  if (!ends.length) return undefined;
  const along = (axis: 'x' | 'y' | 'z') => ends.flatMap(([a, b]) => [a[axis] ?? null, b[axis] ?? null, null]);
  const is3d = ends[0][0].z !== undefined;
  return {
    type: is3d ? 'scatter3d' : webgl ? 'scattergl' : 'scatter',
    mode: 'lines',
    name: `same product (${products.length})`,
    x: along('x'),
    y: along('y'),
    ...(is3d ? { z: along('z') } : {}),
    line: { color: neutral, width: 1 },
    opacity: 0.35,
    hoverinfo: 'skip',
  };
}
