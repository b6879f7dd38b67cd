import fc from 'fast-check';
import { findABParams } from 'umap-js/dist/umap.js';
import { describe, expect, it } from 'vitest';
import { fitCurve, type MapCurve } from '../../src/maps/umap-curve.js';

const curveAt = ({ a, b }: MapCurve, distance: number) => 1 / (1 + a * distance ** (2 * b));

/** Squared error over the points of umap-learn. */
function errorOf(curve: MapCurve, minDist: number): number {
  const distances = Array.from({ length: 300 }, (_, at) => (3 * at) / 299);
  const wanted = (distance: number) => (distance < minDist ? 1 : Math.exp(-(distance - minDist)));
  return distances.reduce((sum, distance) => sum + (wanted(distance) - curveAt(curve, distance)) ** 2, 0);
}

describe('the curve of a map', () => {
  /** `find_ab_params(1, minDist)` of umap-learn, whose fit (curve_fit of scipy 1.17.1) stops at 1e-8 of the error: 2e-6 of a and b. */
  it.each([
    [0, 1.932808397343, 0.790494973223],
    [0.1, 1.57694346027, 0.895060877852],
    [0.25, 1.121436342231, 1.057499876684],
    [0.5, 0.583030020341, 1.334166992431],
    [1, 0.114975683274, 1.929237144082],
  ])('is that of umap-learn at a minDist of %d', (minDist, a, b) => {
    const curve = fitCurve(minDist);
    expect(Math.abs(curve.a - a)).toBeLessThan(3e-6);
    expect(Math.abs(curve.b - b)).toBeLessThan(3e-6);
  });

  /**
   * umap-js stops at an error of 1% and takes points below minDist as if they were at a distance of 1, so its curve strays the more
   * the larger minDist is: 0.0007, 0.0011, 0.015 and 0.047.
   */
  it.each([
    [0, 0.001],
    [0.1, 0.0015],
    [0.5, 0.02],
    [1, 0.06],
  ])('is near that of umap-js at a minDist of %d, and fits better', (minDist, apart) => {
    const ours = fitCurve(minDist);
    const theirs = findABParams(1, minDist);
    for (let distance = 0; distance < 10; distance += 0.01) {
      expect(Math.abs(curveAt(ours, distance) - curveAt(theirs, distance))).toBeLessThan(apart);
    }
    expect(errorOf(ours, minDist)).toBeLessThan(errorOf(theirs, minDist));
  });

  it('is the best one: a nudge of a or b by a millionth makes it worse, at any minDist', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (minDist) => {
        const { a, b } = fitCurve(minDist);
        const error = errorOf({ a, b }, minDist);
        for (const byA of [-1e-6, 0, 1e-6]) {
          for (const byB of [-1e-6, 0, 1e-6]) {
            if (byA === 0 && byB === 0) continue;
            expect(errorOf({ a: a + byA, b: b + byB }, minDist)).toBeGreaterThan(error);
          }
        }
      }),
    );
  });
});
