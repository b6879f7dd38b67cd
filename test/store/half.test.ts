import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bitsOfHalf, finiteBfloat16, halfBytes, toHalf, widen } from '../../src/store/half.js';

const numbers = (halves: Uint16Array) => {
  const out = new Float32Array(halves.length);
  widen(halves, 'F16', out);
  return out;
};

/** By the definition: sign, exponent, fraction. */
function definition(half: number): number {
  const [sign, exponent, fraction] = [half >> 15 ? -1 : 1, (half >> 10) & 31, (half & 1023) / 1024];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent ? sign * 2 ** (exponent - 15) * (1 + fraction) : sign * 2 ** -14 * fraction;
}

const all = Uint16Array.from({ length: 65_536 }, (_, half) => half);

test('every half has the value of its definition, and becomes itself again', () => {
  const values = numbers(all);
  all.forEach((half) => {
    if (
      !Object.is(values[half], definition(half)) ||
      new Float32Array(Int32Array.of(bitsOfHalf(half)).buffer)[0] !== values[half]
    )
      expect([half, values[half]]).toEqual([half, definition(half)]);
  });
  const back = toHalf(values);
  const differing = [...all].filter((half) => back[half] !== half && !Number.isNaN(values[half]));
  expect(differing).toEqual([]);
});

test('a number becomes the nearest half, of two equally near the even one', () => {
  fc.assert(
    fc.property(fc.float({ min: -65_519, max: 65_519, noNaN: true }), (value) => {
      const [half] = toHalf(Float32Array.of(value));
      const distance = (candidate: number) => Math.abs(definition(candidate) - value);
      for (const other of [half - 1, half + 1]) {
        if (other < 0 || other > 65_535 || !Number.isFinite(definition(other))) continue;
        expect(distance(half)).toBeLessThanOrEqual(distance(other));
        if (distance(half) === distance(other) && definition(half) !== definition(other)) expect(half & 1).toBe(0);
      }
    }),
  );
  expect([...toHalf(Float32Array.of(65_520, -1e30, Number.NaN, 1e-30))]).toEqual([0x7c00, 0xfc00, 0x7e00, 0]);
});

test('finite numbers become the bytes of bfloat16, and one NaN or infinity spoils all', () => {
  fc.assert(
    fc.property(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (values) => {
      const numbers = Float32Array.from(values);
      expect(finiteBfloat16(numbers)).toEqual(halfBytes(numbers, 'BF16'));
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
        expect(finiteBfloat16(Float32Array.from([...values, bad]))).toBeUndefined();
    }),
  );
});
