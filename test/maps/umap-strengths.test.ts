import fc from 'fast-check';
import { UMAP } from 'umap-js';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/engine/random.js';
import { membershipStrengths, smoothDistances } from '../../src/maps/umap-strengths.js';

/** Methods that umap-js keeps private. They take the point itself as its first neighbour, and the number of neighbours with it. */
interface Private {
  smoothKNNDistance(distances: number[][], neighbours: number): { sigmas: number[]; rhos: number[] };
  computeMembershipStrengths(
    indices: number[][],
    distances: number[][],
    sigmas: number[],
    rhos: number[],
  ): { vals: number[] };
}

/** Scales and strengths by umap-js, the latter without the point itself. */
function umapJs(rows: number[][]) {
  const umap = new UMAP() as unknown as Private;
  const k = rows[0].length;
  const distances = rows.map((row) => [0, ...row]);
  const { sigmas, rhos } = umap.smoothKNNDistance(distances, k + 1);
  // Strengths depend on an index only where it is the point's own.
  const indices = rows.map((_, row) => [row, ...Array<number>(k).fill(row + 1)]);
  const { vals } = umap.computeMembershipStrengths(indices, distances, sigmas, rhos);
  return { sigmas, rhos, strengths: vals.filter((_, at) => at % (k + 1) > 0) };
}

/**
 * Any two sums within 1e-5 of the target, where both searches may stop, are at most 2e-5 apart. A wider sigma makes all strengths of
 * the sum larger, so no single one is further apart than the sum.
 */
const TOLERANCE = 2e-5;

const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a, (one, at) => Math.abs(one - b[at])).reduce((max, one) => Math.max(max, one), 0);

function expectTheirs(rows: number[][]): void {
  const exact = rows.map((row) => row.map(Math.fround).sort((a, b) => a - b));
  const distances = Float32Array.from(exact.flat());
  const theirs = umapJs(exact);
  expect([...smoothDistances(distances, rows.length).rho]).toEqual(theirs.rhos);
  expect(furthest(membershipStrengths(distances, rows.length), theirs.strengths)).toBeLessThan(TOLERANCE);
}

const random = randomStream(5, 'distances');
const scattered = (count: number, k: number) =>
  Array.from({ length: count }, () => Array.from({ length: k }, () => 0.01 + random.uniform() ** 2));

describe('strengths of neighbourhood', () => {
  it.each<[string, number[][]]>([
    ['scattered points', scattered(50, 14)],
    ['many neighbours', scattered(10, 200)],
    ['two neighbours, the point itself among them', scattered(20, 1)],
    ['two others', scattered(20, 2)],
    ['a far outlier', [...scattered(10, 5), [1000, 1000.5, 1001, 1002, 1003]]],
    ['a far neighbour', [...scattered(10, 5), [0.1, 0.11, 0.12, 0.13, 1e6]]],
    ['a point among duplicates alone', [...scattered(10, 5), [0, 0, 0, 0, 0]]],
    ['a point with some duplicates', [...scattered(10, 5), [0, 0, 0, 0.2, 0.3]]],
    ['nothing but duplicates', Array.from({ length: 10 }, () => [0, 0, 0, 0])],
    ['a point whose neighbours are all as far', [...scattered(10, 5), [0.3, 0.3, 0.3, 0.3, 0.3]]],
    ['points in a crowd', scattered(10, 5).map((row) => row.map((one) => 1e-7 * one))],
  ])('are those of umap-js: %s', (_, rows) => expectTheirs(rows));

  it('are those of umap-js, whatever the distances', () => {
    const distance = fc.oneof(fc.constantFrom(0, 0.25, 0.5), fc.float({ min: 0, max: 2, noNaN: true }));
    const rows = fc
      .integer({ min: 1, max: 20 })
      .chain((k) => fc.array(fc.array(distance, { minLength: k, maxLength: k }), { minLength: 1, maxLength: 6 }));
    fc.assert(fc.property(rows, expectTheirs));
  });

  it('add up to log2 of the number of neighbours, fall with distance, and do not depend on the unit of distance', () => {
    const shape = fc.record({
      k: fc.integer({ min: 3, max: 40 }),
      seed: fc.nat(),
      unit: fc.double({ min: 0.01, max: 100, noNaN: true }),
    });
    fc.assert(
      fc.property(shape, ({ k, seed, unit }) => {
        const stream = randomStream(seed, 'row');
        const row = new Float32Array(k); // no two nearly as far: ties would keep the sum above its target
        for (let at = 0; at < k; at++) row[at] = (row[at - 1] ?? 0) + 0.5 + stream.uniform();
        const strengths = membershipStrengths(row, 1);
        expect(strengths[0]).toBe(1);
        expect([...strengths]).toEqual([...strengths].sort((a, b) => b - a));
        const total = strengths.reduce((sum, one) => sum + one, 0);
        expect(Math.abs(total - Math.log2(k + 1))).toBeLessThan(1e-5);
        const scaled = membershipStrengths(
          row.map((one) => unit * one),
          1,
        );
        expect(furthest(scaled, strengths)).toBeLessThan(1e-4); // float32 distances
      }),
    );
  });

  it('fade over a thousandth of the mean distance where ties leave nothing to search for', () => {
    const tied = [0.3, 0.3, 0.3, 0.3, 0.3];
    const duplicates = [0, 0, 0, 0, 0];
    const rows = [tied, duplicates, [0.1, 0.2, 0.3, 0.4, 0.5]];
    const distances = Float32Array.from(rows.flat());
    const { rho, sigma } = smoothDistances(distances, 3);
    const theirs = umapJs(rows.map((row) => row.map(Math.fround)));
    expect([...rho]).toEqual([Math.fround(0.3), 0, Math.fround(0.1)]);
    expect(sigma[0]).toBeCloseTo((1e-3 * 1.5) / 6, 9); // the point itself counts, at a distance of 0
    expect(sigma[1]).toBeCloseTo((1e-3 * 3) / 18, 9); // of all points
    for (const row of [0, 1]) expect(sigma[row]).toBeCloseTo(theirs.sigmas[row], 12);
    expect([...membershipStrengths(distances, 3).subarray(0, 10)]).toEqual(Array(10).fill(1));
  });
});
