import fc from 'fast-check';
import { expect, test } from 'vitest';
import { roundBfloat16 } from '../../src/engine/half.js';

/** The slow obvious version: of the two neighbours with 8 significant bits the nearer one, of two as near the even one. */
function nearest(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const ulp = 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(value)))) - 7);
  const steps = value / ulp;
  const low = Math.floor(steps);
  const [below, above] = [steps - low, low + 1 - steps];
  const even = low % 2 === 0 ? low : low + 1;
  return (below < above ? low : above < below ? low + 1 : even) * ulp;
}

test('rounds to the nearest, half to even, as the slow version does', () => {
  const finite = fc.float({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 120), max: 2 ** 120 });
  fc.assert(
    fc.property(fc.array(finite, { maxLength: 20 }), (values) => {
      const out = roundBfloat16(Float32Array.from(values));
      expect([...out].map((value) => value + 0)).toEqual(
        values.map((value) => Math.fround(nearest(Math.fround(value))) + 0),
      );
    }),
    { numRuns: 500 },
  );
});

test.each([
  [1, 1],
  [1 + 2 ** -8, 1], // half way: to even
  [1 + 3 * 2 ** -8, 1 + 2 ** -6],
  [1 + 2 ** -8 + 2 ** -20, 1 + 2 ** -7],
  [-3.140625, -3.140625],
  [3.4e38, Number.POSITIVE_INFINITY],
  [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
  [Number.NaN, Number.NaN],
])('%d becomes %d', (value, expected) => {
  expect(roundBfloat16(Float32Array.of(value))[0]).toBe(expected);
});
