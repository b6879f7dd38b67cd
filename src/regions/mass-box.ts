import type { RawRegion } from '../data/region.js';

/** Cells above this multiple of the mean weight count by default, as in Achanta et al. (CVPR 2009) for saliency maps. */
const THRESHOLD = 2;

/** Fraction of the mass that the box leaves out at each side, so that a few outliers do not enlarge it. */
const TAIL = 0.01;

/**
 * Bounding box of the heavy part of a weight map [rows * columns]. Only heavy cells count. The box contains all of
 * their mass except a small tail at each side. The score is their fraction of the total mass. `box` is null if no cell counts.
 * @param threshold weight above which a cell counts; without it twice the mean
 */
export function massBox(map: ArrayLike<number>, columns: number, threshold?: number): RawRegion {
  const rows = map.length / columns;
  let total = 0;
  for (let at = 0; at < map.length; at++) total += map[at];
  const min = threshold ?? (THRESHOLD * total) / map.length;
  const byColumn = new Float64Array(columns);
  const byRow = new Float64Array(rows);
  let inside = 0;
  for (let row = 0, at = 0; row < rows; row++)
    for (let column = 0; column < columns; column++, at++) {
      if (!(map[at] > min)) continue;
      inside += map[at];
      byColumn[column] += map[at];
      byRow[row] += map[at];
    }
  if (inside === 0) return { box: null, score: 0 };
  const [x1, x2] = massRange(byColumn, inside);
  const [y1, y2] = massRange(byRow, inside);
  return { box: { x1, y1, x2, y2 }, score: inside / total };
}

/** Range, in fractions, that contains all but the tails of a profile's mass. */
function massRange(profile: Float64Array, total: number): [number, number] {
  let sum = 0;
  let first = 0;
  let last = profile.length;
  for (let at = 0; at < profile.length; at++) {
    if (sum < total * TAIL) first = at;
    sum += profile[at];
    if (sum > total * (1 - TAIL)) {
      last = at + 1;
      break;
    }
  }
  return [first / profile.length, last / profile.length];
}
