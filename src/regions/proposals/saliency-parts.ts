import type { Box } from '../../data/types.js';
import { saliencyMap } from '../saliency.js';
import type { SimpleProposer } from './proposer.js';

/** Pixels above this multiple of the mean are salient, as in `massBox`. */
const THRESHOLD = 2;

/** Fraction of a part's mass that its box leaves out at each side. */
const TAIL = 0.02;

const ROUNDS = 20;

/**
 * The salient pixels in `count` parts, the heaviest first: k-means of their places, weighted by salience, from centres that split their columns into
 * equal masses. Products that stand side by side fall apart; one behind another does not.
 */
export const saliencyParts: SimpleProposer = ({ raster }, count) => {
  const map = saliencyMap(raster);
  const { width, height } = raster;
  const limit = (THRESHOLD * map.reduce((sum, value) => sum + value, 0)) / map.length;
  const salient = [...map.keys()]
    .filter((at) => map[at] > limit)
    .map((at) => ({ x: (at % width) + 0.5, y: Math.floor(at / width) + 0.5, mass: map[at] }))
    .sort((a, b) => a.x - b.x);
  if (!salient.length) return [];
  let centres = startCentres(salient, Math.min(count, salient.length));
  let parts: (typeof salient)[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    parts = centres.map(() => []);
    for (const point of salient) {
      const distances = centres.map(({ x, y }) => (point.x - x) ** 2 + (point.y - y) ** 2);
      parts[distances.indexOf(Math.min(...distances))].push(point);
    }
    const next = parts.map((part, at) => (part.length ? centreOf(part) : centres[at]));
    const isStill = next.every(({ x, y }, at) => x === centres[at].x && y === centres[at].y);
    centres = next;
    if (isStill) break;
  }
  const massOf = (part: typeof salient) => part.reduce((sum, { mass }) => sum + mass, 0);
  return parts
    .filter((part) => part.length)
    .sort((a, b) => massOf(b) - massOf(a))
    .map((part): Box => {
      const [x1, x2] = range(
        part.map(({ x, mass }) => ({ at: x, mass })),
        width,
      );
      const [y1, y2] = range(
        part.map(({ y, mass }) => ({ at: y, mass })),
        height,
      );
      return { x1, y1, x2, y2 };
    });
};

interface Point {
  x: number;
  y: number;
  mass: number;
}

/** Centres of runs of equal mass. @param points from left to right */
function startCentres(points: readonly Point[], count: number): { x: number; y: number }[] {
  const total = points.reduce((sum, { mass }) => sum + mass, 0);
  const runs: Point[][] = Array.from({ length: count }, () => []);
  let before = 0;
  for (const point of points) {
    runs[Math.min(count - 1, Math.floor((before / total) * count))].push(point);
    before += point.mass;
  }
  return runs.map((run) => centreOf(run.length ? run : points));
}

function centreOf(points: readonly Point[]): { x: number; y: number } {
  const total = points.reduce((sum, { mass }) => sum + mass, 0);
  const mean = (of: (point: Point) => number) => points.reduce((sum, point) => sum + of(point) * point.mass, 0) / total;
  return { x: mean(({ x }) => x), y: mean(({ y }) => y) };
}

/** From the first to the last pixel that is not in the tails of the mass, in fractions of the side. */
function range(values: { at: number; mass: number }[], side: number): [number, number] {
  const sorted = values.sort((a, b) => a.at - b.at);
  const total = sorted.reduce((sum, { mass }) => sum + mass, 0);
  let sum = 0;
  let [first, last] = [sorted[0].at, sorted[sorted.length - 1].at];
  for (const { at, mass } of sorted) {
    if (sum < total * TAIL) first = at;
    sum += mass;
    if (sum > total * (1 - TAIL)) {
      last = at;
      break;
    }
  }
  return [(first - 0.5) / side, (last + 0.5) / side];
}
