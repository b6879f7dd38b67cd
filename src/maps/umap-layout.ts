import { fitCurve } from './umap-curve.js';
import { forceAt, forceTable } from './umap-forces.js';
import type { NeighbourGraph } from './umap-graph.js';

/** A layout being optimised. */
export interface Layout {
  /** Points [count, 3], moved by each epoch. The third coordinate is 0 for a 2D map. */
  points: Float32Array;
  epoch: number;
  epochs: number;
  count: number;
  head: Int32Array;
  tail: Int32Array;
  /** Number of epochs between two pulls (attractions) of an edge, and the epochs of its next pull and its next push (repulsion). */
  period: Float64Array;
  nextPull: Float64Array;
  nextPush: Float64Array;
  pull: Float32Array;
  push: Float32Array;
  /** State of the random number generator: 32 bits, not 0. */
  random: number;
}

/** Number of repulsive samples per attraction, as in umap-js and umap-learn. */
const PUSHES = 5;
/** Maximum movement of a point by a single force, per coordinate. */
const MAX_MOVE = 4;

/**
 * Prepare a layout by UMAP's objective (McInnes et al. 2018, section 3.2). Edges with less than 1 / epochs of the largest weight would
 * never be sampled and are left out.
 * @param points initial map [count, 3], moved in place
 * @param seed a 32-bit integer, not 0
 */
export function startLayout(
  graph: NeighbourGraph,
  points: Float32Array,
  { minDist, epochs, seed }: { minDist: number; epochs: number; seed: number },
): Layout {
  const { a, b } = fitCurve(minDist);
  const { count, head, tail, weight } = graph;
  const max = weight.reduce((highest, one) => Math.max(highest, one), 0);
  const used = (_: number, edge: number) => weight[edge] >= max / epochs;
  const period = weight.filter(used).map((one) => max / one);
  return {
    points,
    epoch: 0,
    epochs,
    count,
    head: head.filter(used),
    tail: tail.filter(used),
    period,
    nextPull: period.slice(),
    nextPush: period.map((each) => each / PUSHES),
    pull: forceTable((square) => (-2 * a * b * square ** (b - 1)) / (1 + a * square ** b)),
    push: forceTable((square) => (2 * b) / ((0.001 + square) * (1 + a * square ** b))),
    random: seed | 0,
  };
}

/**
 * Run one epoch of stochastic gradient descent like umap-js, with typed arrays, tabulated forces and a fast random generator. Each edge
 * that is due pulls its two points together; then random points, five per pull, push the first point away.
 */
export function runEpoch(layout: Layout): void {
  const { points, epoch, epochs, count, head, tail, period, nextPull, nextPush, pull, push } = layout;
  const rate = 1 - Math.max(0, epoch - 1) / epochs;
  const places = count / 2 ** 32;
  let random = layout.random;
  for (let edge = 0; edge < head.length; edge++) {
    if (nextPull[edge] > epoch) continue;
    nextPull[edge] += period[edge];
    const own = 3 * head[edge];
    const other = 3 * tail[edge];
    let x = points[own];
    let y = points[own + 1];
    let z = points[own + 2];
    let dx = x - points[other];
    let dy = y - points[other + 1];
    let dz = z - points[other + 2];
    let force = forceAt(pull, dx * dx + dy * dy + dz * dz);
    dx = rate * clip(force * dx);
    dy = rate * clip(force * dy);
    dz = rate * clip(force * dz);
    x += dx;
    y += dy;
    z += dz;
    points[other] -= dx;
    points[other + 1] -= dy;
    points[other + 2] -= dz;
    const gap = period[edge] / PUSHES;
    const pushes = Math.floor((epoch - nextPush[edge]) / gap);
    nextPush[edge] += pushes * gap;
    for (let each = 0; each < pushes; each++) {
      // xorshift (Marsaglia 2003): the sampling of repulsions must be fast and only approximately uniform.
      random ^= random << 13;
      random ^= random >>> 17;
      random ^= random << 5;
      const far = 3 * Math.floor((random >>> 0) * places);
      if (far === own) continue;
      dx = x - points[far];
      dy = y - points[far + 1];
      dz = z - points[far + 2];
      force = forceAt(push, dx * dx + dy * dy + dz * dz);
      x += rate * clip(force * dx);
      y += rate * clip(force * dy);
      z += rate * clip(force * dz);
    }
    points[own] = x;
    points[own + 1] = y;
    points[own + 2] = z;
  }
  layout.random = random;
  layout.epoch++;
}

function clip(move: number): number {
  return Math.max(-MAX_MOVE, Math.min(MAX_MOVE, move));
}
