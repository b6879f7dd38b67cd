import { fitCurve } from './umap-curve.js';
import { forceAt, forceTable } from './umap-forces.js';
import type { NeighbourGraph } from './umap-graph.js';

/** A map on its way. */
export interface Layout {
  /** [count, 3], the third number 0 on a flat map: moved by each epoch. */
  points: Float32Array;
  epoch: number;
  epochs: number;
  count: number;
  head: Int32Array;
  tail: Int32Array;
  /** Epochs from one pull of an edge to the next, and when its next pull and its next push are due. */
  period: Float64Array;
  nextPull: Float64Array;
  nextPush: Float64Array;
  pull: Float32Array;
  push: Float32Array;
  /** State of the random numbers: 32 bits, not 0. */
  random: number;
}

/** Points that push for each edge that pulls, as in umap-js and umap-learn. */
const PUSHES = 5;
/** No single force moves a point further than this. */
const FURTHEST = 4;

/**
 * A layout by UMAP's objective (McInnes 2018, section 3.2). Edges below 1 / epochs of the strongest would never pull and are left out.
 * @param points start of the map, [count, 3], moved in place
 * @param seed a whole number of 32 bits, not 0
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
 * One epoch of stochastic descent, as umap-js does it, in typed arrays with tabled forces and quick random numbers. Each edge
 * that is due pulls both its points together; then random points, five a pull, push the first one away.
 */
export function moveOnce(layout: Layout): void {
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
      // xorshift (Marsaglia 2003): what pushes must be drawn quickly and only roughly evenly.
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
  return Math.max(-FURTHEST, Math.min(FURTHEST, move));
}
