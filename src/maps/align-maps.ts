import { UserError } from '../checks/error.js';

/** A map laid over another. */
export interface AlignedMap {
  /** [count, 2], the moved map turned, mirrored, scaled and shifted onto the fixed one. */
  coordinates: Float32Array;
  /** How far each point lies from its place on the fixed map, [count], in fractions of that map's radius (root mean square). */
  moved: Float32Array;
  /** What no turning explains, from 0 (the same map) to 1 (nothing in common). */
  disparity: number;
}

/**
 * Lay a flat map over another one of the same points as well as turning, mirroring, scaling and shifting can (orthogonal Procrustes,
 * Gower 1975): a layout has no directions and no size of its own, so that only what remains is a difference of the models.
 * @param fixed [count, 2]
 * @param map [count, 2], the same points in the same order
 */
export function alignMaps(fixed: Float32Array, map: Float32Array): AlignedMap {
  if (fixed.length !== map.length || fixed.length < 4 || fixed.length % 2) {
    throw new UserError(
      `alignMaps: got maps of ${fixed.length} and ${map.length} numbers, expected the same points in two dimensions.`,
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

/** The turn that brings the points nearest: in the plane it is the angle of one sum. */
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
