import type { LayoutImage } from '../figure.js';
import { imageUri } from '../page/escape.js';
import type { MapPoint } from './map-points.js';

/** Size of a thumbnail, as a fraction of the map's longer side. */
const fraction = 1 / 16;

/** Thumbnails at the positions of their points, at most `max` and without overlap; earlier points have priority. */
export function mapPictures(points: readonly MapPoint[], max: number): LayoutImage[] {
  const extent = (axis: 'x' | 'y') =>
    points.reduce((max, point) => Math.max(max, point[axis]), -Infinity) -
    points.reduce((min, point) => Math.min(min, point[axis]), Infinity);
  const size = fraction * Math.max(extent('x'), extent('y'));
  const placed: LayoutImage[] = [];
  for (const { x, y, label, thumbnail } of points) {
    if (placed.length >= max) break;
    const source = imageUri(thumbnail, label);
    if (!source || placed.some((other) => Math.abs(other.x - x) < size && Math.abs(other.y - y) < size)) continue;
    placed.push({
      source,
      xref: 'x',
      yref: 'y',
      x,
      y,
      sizex: 0.95 * size,
      sizey: 0.95 * size,
      sizing: 'contain',
      layer: 'above',
      xanchor: 'center',
      yanchor: 'middle',
    });
  }
  return placed;
}
