import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/engine/random.js';
import { fitCurve } from '../../src/maps/umap-curve.js';
import { forceAt, forceTable } from '../../src/maps/umap-forces.js';
import { type NeighbourGraph, neighbourGraph } from '../../src/maps/umap-graph.js';
import { runEpoch, startLayout } from '../../src/maps/umap-layout.js';
import { principalStart } from '../../src/maps/umap-start.js';
import { nearestRows, unitRows } from '../../src/search/nearest.js';
import { bentLine } from './bent-line.js';

const count = 200;
const width = 6;
const neighbours = 8;

async function lineGraph(): Promise<NeighbourGraph> {
  const unit = unitRows(bentLine(count, width), count, width);
  const nearest = await nearestRows(unit, neighbours - 1);
  unit.dispose();
  return neighbourGraph(nearest, count);
}

describe('a table of forces', () => {
  it('is right to 0.4% over all distances on a map, and stays at its ends', () => {
    const force = (square: number) => 1.7 / ((0.001 + square) * (1 + 1.5 * square ** 0.9));
    const table = forceTable(force);
    for (let square = 1e-9; square < 1e6; square *= 1.0137) {
      const right = force(square);
      expect(Math.abs(forceAt(table, square) - right)).toBeLessThan(0.008 * right);
    }
    expect(forceAt(table, 0)).toBeCloseTo(force(0), 3);
    expect(forceAt(table, 1e30)).toBe(table.at(-1));
  });
});

describe('an epoch of the layout', () => {
  /** The same descent as it is written down, with powers. */
  function slowEpochs(graph: NeighbourGraph, start: Float32Array, epochs: number, seed: number): number[][] {
    const { a, b } = fitCurve(0.1);
    const at = Array.from({ length: graph.count }, (_, row) => [...start.subarray(3 * row, 3 * row + 3)]);
    const max = Math.max(...graph.weight);
    const period = Array.from(graph.weight, (one) => max / one);
    const pullAt = [...period];
    const pushAt = period.map((one) => one / 5);
    const clip = (move: number) => Math.max(-4, Math.min(4, move));
    let random = seed;
    const draw = () => {
      random ^= random << 13;
      random ^= random >>> 17;
      random ^= random << 5;
      return Math.floor((random >>> 0) * (graph.count / 2 ** 32));
    };
    for (let epoch = 0; epoch < epochs; epoch++) {
      const rate = 1 - Math.max(0, epoch - 1) / epochs;
      for (let edge = 0; edge < period.length; edge++) {
        if (graph.weight[edge] < max / epochs || pullAt[edge] > epoch) continue;
        const [own, other] = [at[graph.head[edge]], at[graph.tail[edge]]];
        const square = own.reduce((sum, x, axis) => sum + (x - other[axis]) ** 2, 0);
        const pull = (-2 * a * b * square ** (b - 1)) / (1 + a * square ** b);
        const moves = own.map((x, axis) => rate * clip(pull * (x - other[axis])));
        moves.forEach((move, axis) => {
          own[axis] += move;
          other[axis] -= move;
        });
        pullAt[edge] += period[edge];
        const pushes = Math.floor((epoch - pushAt[edge]) / (period[edge] / 5));
        pushAt[edge] += pushes * (period[edge] / 5);
        for (let each = 0; each < pushes; each++) {
          const far = at[draw()];
          if (far === own) continue;
          const away = own.reduce((sum, x, axis) => sum + (x - far[axis]) ** 2, 0);
          const push = (2 * b) / ((0.001 + away) * (1 + a * away ** b));
          own.forEach((x, axis) => {
            own[axis] += rate * clip(push * (x - far[axis]));
          });
        }
      }
    }
    return at;
  }

  it('moves points as the slow version does, as far as the table goes', async () => {
    const graph = await lineGraph();
    for (const dimensions of [2, 3] as const) {
      const random = randomStream(7, 'scattered'); // points in a crowd would part at the least difference
      const start = Float32Array.from({ length: 3 * count }, (_, at) =>
        at % 3 < dimensions ? 20 * random.uniform() - 10 : 0,
      );
      const layout = startLayout(graph, start.slice(), { minDist: 0.1, epochs: 3, seed: 77 });
      for (let epoch = 0; epoch < 3; epoch++) runEpoch(layout);
      const slow = slowEpochs(graph, start, 3, 77).flat();
      const moved = slow.map((x, at) => Math.abs(x - start[at]));
      const wrong = slow.map((x, at) => Math.abs(x - layout.points[at]));
      const sum = (values: number[]) => values.reduce((total, one) => total + one, 0);
      expect(sum(wrong)).toBeLessThan(0.01 * sum(moved));
      expect(layout.points.some((x, at) => at % 3 === 2 && x !== 0)).toBe(dimensions === 3);
    }
  });
});

describe('the start', () => {
  it('is the main plane of the embeddings: most spread first, nothing shared by the axes', () => {
    const random = randomStream(4, 'plane');
    const n = 400;
    const directions = [0, 1, 2].map(() => Array.from({ length: 5 }, () => random.normal()));
    const embeddings = Float32Array.from(
      Array.from({ length: n }, () => {
        const [p, q, r] = [0.5 * random.normal(), 0.2 * random.normal(), 0.02 * random.normal()];
        return directions[0].map((one, axis) => 5 + p * one + q * directions[1][axis] + r * directions[2][axis]);
      }).flat(),
    );
    const unit = unitRows(embeddings, n, 5);
    const start = principalStart(unit, 2, 1);
    unit.dispose();
    const x = start.filter((_, at) => at % 3 === 0);
    const y = start.filter((_, at) => at % 3 === 1);
    const mean = (values: Float32Array) => values.reduce((sum, one) => sum + one, 0) / n;
    const variance = (values: Float32Array) => mean(values.map((one) => (one - mean(values)) ** 2));
    const shared = mean(x.map((one, at) => one * y[at])) / Math.sqrt(variance(x) * variance(y));
    expect(Math.abs(shared)).toBeLessThan(0.01);
    expect(variance(x)).toBeGreaterThan(2 * variance(y));
    expect(Math.max(...start.map(Math.abs))).toBeCloseTo(10, 2);
    expect(start.every((z, at) => at % 3 < 2 || z === 0)).toBe(true);
  });
});
