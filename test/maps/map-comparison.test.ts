import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/engine/random.js';
import { alignMaps } from '../../src/maps/align-maps.js';
import { modalityGap } from '../../src/maps/modality-gap.js';
import { keptNeighbours } from '../../src/maps/neighbour-change.js';

const random = randomStream(8, 'compared');
const cloud = (numbers: number) => Float32Array.from({ length: numbers }, () => random.normal());

/** A map turned, mirrored, scaled and shifted. */
function changed(map: Float32Array, angle: number, mirror: number, scale: number, shift: number): Float32Array {
  return Float32Array.from(map, (_, at) => {
    const [x, y] = [map[at - (at % 2)], mirror * map[at - (at % 2) + 1]];
    const turned = at % 2 ? Math.sin(angle) * x + Math.cos(angle) * y : Math.cos(angle) * x - Math.sin(angle) * y;
    return scale * turned + shift;
  });
}

describe('alignMaps', () => {
  it('undoes turning, mirroring, scaling and shifting', () => {
    const map = cloud(60);
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 6.28, noNaN: true }),
        fc.constantFrom(1, -1),
        fc.double({ min: 0.1, max: 9, noNaN: true }),
        fc.double({ min: -5, max: 5, noNaN: true }),
        (angle, mirror, scale, shift) => {
          const { coordinates, moved, disparity } = alignMaps(map, changed(map, angle, mirror, scale, shift));
          expect(disparity).toBeLessThan(1e-5);
          for (const [at, value] of coordinates.entries()) expect(value).toBeCloseTo(map[at], 4);
          expect(Math.max(...moved)).toBeLessThan(1e-4);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('finds what no other turn betters, and says who moved', () => {
    const [fixed, map] = [cloud(40), cloud(40)];
    const square = (a: Float32Array) => a.reduce((sum, value, at) => sum + (value - fixed[at]) ** 2, 0);
    const { coordinates, disparity } = alignMaps(fixed, map);
    const least = square(coordinates);
    for (let step = 0; step < 40; step++) {
      const turned = changed(coordinates, 0.05 * (step - 20), step % 2 ? 1 : -1, 0.8 + 0.01 * step, 0);
      expect(square(turned)).toBeGreaterThanOrEqual(least - 1e-4);
    }
    const mean = [0, 1].map((axis) => fixed.filter((_, at) => at % 2 === axis).reduce((sum, one) => sum + one, 0) / 20);
    const all = fixed.reduce((sum, value, at) => sum + (value - mean[at % 2]) ** 2, 0);
    expect(disparity).toBeCloseTo(least / all, 4);
    const one = fixed.slice();
    one[6] += 3;
    const { moved } = alignMaps(fixed, one);
    expect(moved.indexOf(Math.max(...moved))).toBe(3);
  });

  it('refuses maps of different points', () => {
    expect(() => alignMaps(cloud(8), cloud(10))).toThrow(/alignMaps: got maps of 8 and 10 numbers/);
  });
});

it('modalityGap is the distance of the means of unit vectors, pairs by product', () => {
  const embeddings = Float32Array.from([3, 0, 0, 2, 5, 0, 0, -1]);
  const [gap, ...more] = modalityGap(embeddings, 2, ['image', 'image', 'text', 'text'], ['a', 'b', 'a', 'b']);
  expect(more).toEqual([]);
  expect(gap.between).toEqual(['image', 'text']);
  expect(gap.distance).toBeCloseTo(Math.hypot(0.5 - 0.5, 0.5 + 0.5)); // means (0.5, 0.5) and (0.5, -0.5)
  expect(gap.paired).toBeCloseTo((1 - 1) / 2); // a: same direction, b: opposite
  expect(modalityGap(embeddings, 2, ['image', 'image', 'text', 'text'], ['a', 'b', 'c', 'd'])[0].paired).toBeNull();
});

it('modalityGap names an embedding without a direction instead of a gap that is no number', () => {
  for (const empty of [0, Number.NaN])
    expect(() => modalityGap(Float32Array.of(1, 0, empty, empty), 2, ['image', 'text'], ['a', 'b'])).toThrow(
      'the text embedding of b has no direction',
    );
  expect(modalityGap(new Float32Array(0), 2, [], [])).toEqual([]);
  expect(() => modalityGap(Float32Array.of(1, 0, 1), 2, ['image', 'text'], ['a', 'b'])).toThrow(
    'modalityGap: got 3 numbers, expected count x width = 2 x 2',
  );
});

it('keptNeighbours counts what both models have near', async () => {
  const own = cloud(30 * 4);
  expect([
    ...(await keptNeighbours(
      own,
      own.map((value) => 2 * value),
      30,
      5,
    )),
  ]).toEqual(new Array(30).fill(1));
  const other = cloud(30 * 3);
  const near = (embeddings: Float32Array, width: number, row: number) => {
    const unit = (at: number) => {
      const one = embeddings.subarray(at * width, (at + 1) * width);
      return one.map((value) => value / Math.hypot(...one));
    };
    const cosine = (at: number) => unit(at).reduce((sum, value, axis) => sum + value * unit(row)[axis], 0);
    return Array.from({ length: 30 }, (_, at) => at)
      .filter((at) => at !== row)
      .sort((a, b) => cosine(b) - cosine(a))
      .slice(0, 5);
  };
  const kept = await keptNeighbours(own, other, 30, 5);
  for (let row = 0; row < 30; row++) {
    const known = near(own, 4, row);
    expect(kept[row]).toBeCloseTo(near(other, 3, row).filter((at) => known.includes(at)).length / 5);
  }
  await expect(keptNeighbours(own, other, 30, 30)).rejects.toThrow(/k = 30/);
  await expect(keptNeighbours(own, other.slice(1), 30, 5)).rejects.toThrow(
    /got 89 numbers, expected count x width = 30 x 2/,
  );
});
