import fc from 'fast-check';
import { UMAP } from 'umap-js';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/engine/random.js';
import { neighbourGraph } from '../../src/maps/umap-graph.js';
import { membershipStrengths } from '../../src/maps/umap-strengths.js';
import { type Nearest, nearestRows, unitRows } from '../../src/search/nearest.js';
import { bentLine } from './bent-line.js';

interface Edge {
  row: number;
  col: number;
  value: number;
}

const sorted = (edges: Edge[]) => edges.filter(({ value }) => value > 0).sort((a, b) => a.row - b.row || a.col - b.col);

function ours(nearest: Nearest, count: number): Edge[] {
  const { head, tail, weight } = neighbourGraph(nearest, count);
  return Array.from(head, (row, edge) => ({ row, col: tail[edge], value: weight[edge] }));
}

/** The graph that umap-js keeps for itself, on the same neighbours. */
function umapJs({ indices, distances }: Nearest, count: number): Edge[] {
  const k = indices.length / count;
  const umap = new UMAP({ nNeighbors: k + 1, random: randomStream(1, 'umap-js').uniform });
  const rows = Array.from({ length: count }, (_, row) => row);
  umap.setPrecomputedKNN(
    rows.map((row) => [row, ...indices.subarray(row * k, (row + 1) * k)]),
    rows.map((row) => [0, ...distances.subarray(row * k, (row + 1) * k)]),
  );
  umap.initializeFit(rows.map((row) => [row]));
  return (umap as unknown as { graph: { getAll(): Edge[] } }).graph.getAll();
}

describe('the neighbour graph', () => {
  it('is that of umap-js, edge by edge', async () => {
    const embeddings = bentLine(200, 6);
    embeddings.copyWithin(6 * 30, 6 * 20, 6 * 30).copyWithin(6 * 40, 6 * 20, 6 * 30); // duplicates
    const unit = unitRows(embeddings, 200, 6);
    const nearest = await nearestRows(unit, 7);
    unit.dispose();
    const [mine, reference] = [sorted(ours(nearest, 200)), sorted(umapJs(nearest, 200))];
    expect(mine.map(({ row, col }) => [row, col])).toEqual(reference.map(({ row, col }) => [row, col]));
    // Each strength is right to 2e-5, as both searches for sigma stop within 1e-5 of their target; a + b - ab adds up two.
    for (const [at, { value }] of mine.entries()) {
      expect(Math.abs(value - reference[at].value)).toBeLessThan(4e-5);
    }
  });

  it('holds each pair that has a strength once in both directions, as a + b - ab, whatever the neighbours', () => {
    const shape = fc.record({
      count: fc.integer({ min: 2, max: 30 }),
      seed: fc.nat(),
      far: fc.constantFrom(0, 1, 1000),
    });
    fc.assert(
      fc.property(shape, ({ count, seed, far }) => {
        const random = randomStream(seed, 'graph');
        const k = 1 + random.integer(count - 1);
        const rows = Array.from({ length: count }, (_, row) => row);
        const indices = Int32Array.from(
          rows.flatMap((row) => random.shuffle(rows.filter((one) => one !== row)).slice(0, k)),
        );
        // Some are at 0, and with 1,000 some are so far that their strength is 0.
        const distances = rows.map(() => Float32Array.from({ length: k }, () => far * random.uniform() ** 9).sort());
        const nearest = { indices, distances: Float32Array.from(distances.flatMap((own) => [...own])) };
        const strengths = membershipStrengths(nearest.distances, count);
        const strength = (row: number, col: number) => {
          const at = indices.subarray(row * k, (row + 1) * k).indexOf(col);
          return at < 0 ? 0 : strengths[row * k + at];
        };
        const joined = rows.flatMap((row) =>
          rows.map((col) => {
            const [a, b] = [strength(row, col), strength(col, row)];
            return { row, col, value: a + b - a * b };
          }),
        );
        const edges = ours(nearest, count);
        expect(sorted([...edges])).toEqual(sorted(joined));
        expect(edges.every(({ value }) => value > 0)).toBe(true);
        expect(edges.map(({ row }) => row)).toEqual(edges.map(({ row }) => row).sort((a, b) => a - b));
      }),
    );
  });
});
