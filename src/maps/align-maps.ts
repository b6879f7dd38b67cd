import { UserError } from '../checks/error.js';

/** A map aligned to another map. */
export interface AlignedMap {
  /** Coordinates [count, 2] of the map, rotated, mirrored, scaled and shifted onto the fixed one. */
  coordinates: Float32Array;
  /** Distance [count] of each point to its position on the fixed map, as a fraction of that map's radius (root mean square). */
  moved: Float32Array;
  /** Procrustes disparity: what alignment does not explain, from 0 (the same map) to 1 (nothing in common). */
  disparity: number;
}

/**
 * Align a 2D map to another one of the same points by rotation, reflection, scaling and translation (orthogonal Procrustes, Gower 1975).
 * These are arbitrary in a layout, so only the remaining differences are differences of the models.
 * @param fixed [count, 2]
 * @param map [count, 2], the same points in the same order
 * @throws UserError if the maps do not have the same number of points, at least 2
 */
export function alignMaps(fixed: Float32Array, map: Float32Array): AlignedMap {
  if (fixed.length !== map.length || fixed.length < 4 || fixed.length % 2) {
    throw new UserError(
      `alignMaps: got maps of ${fixed.length} and ${map.length} numbers, expected the same points in two dimensions. Align 2D maps of the same embeddings.`,
    );
  }
  const [target, source] = [centred(fixed), centred(map)];
  const turned = best(source, target, false);
  const mirrored = best(source, target, true);
  const { cos, sin, match, mirror } = turned.match >= mirrored.match ? turned : mirrored;
  const spread = source.square > 0 ? match / source.square : 0;
  const coordinates = new Float32Array(fixed.length);
  const moved = new Float32Array(fixed.length / 2);
  const radius = Math.sqrt(target.square / moved.length) || 1;
  for (let row = 0; row < moved.length; row++) {
    const x = source.points[2 * row];
    const y = mirror * source.points[2 * row + 1];
    coordinates[2 * row] = spread * (cos * x - sin * y) + target.x;
    coordinates[2 * row + 1] = spread * (sin * x + cos * y) + target.y;
    moved[row] =
      Math.hypot(coordinates[2 * row] - fixed[2 * row], coordinates[2 * row + 1] - fixed[2 * row + 1]) / radius;
  }
  const shared = source.square * target.square > 0 ? match ** 2 / (source.square * target.square) : 0;
  return { coordinates, moved, disparity: Math.max(0, 1 - shared) };
}

function centred(map: Float32Array) {
  const count = map.length / 2;
  let x = 0;
  let y = 0;
  for (let row = 0; row < count; row++) {
    x += map[2 * row] / count;
    y += map[2 * row + 1] / count;
  }
  const points = Float64Array.from(map, (value, at) => value - (at % 2 ? y : x));
  return { points, x, y, square: points.reduce((sum, value) => sum + value * value, 0) };
}

type Centred = ReturnType<typeof centred>;

/** The best rotation. In the plane it is the angle of a single sum. */
function best({ points }: Centred, target: Centred, mirrored: boolean) {
  const mirror = mirrored ? -1 : 1;
  let along = 0;
  let across = 0;
  for (let at = 0; at < points.length; at += 2) {
    const [x, y] = [points[at], mirror * points[at + 1]];
    along += x * target.points[at] + y * target.points[at + 1];
    across += x * target.points[at + 1] - y * target.points[at];
  }
  const match = Math.hypot(along, across);
  return { cos: match ? along / match : 1, sin: match ? across / match : 0, match, mirror };
}
