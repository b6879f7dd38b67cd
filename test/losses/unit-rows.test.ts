import { describe, expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { truncate, truncated, unit } from '../../src/losses/unit-rows.js';
import { unitRows } from './rows.js';

const rows = unitRows(5, 'rows', 6);
const flat = Float32Array.from(rows.flat());
/** The slow obvious version. */
const cut = (size: number) =>
  rows.flatMap((row) => {
    const first = row.slice(0, size);
    return first.map((value) => value / Math.hypot(...first));
  });

function close(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, at) => {
    expect(actual[at]).toBeCloseTo(value, 6);
  });
}

describe('vectors are cut to their first numbers and scaled', () => {
  test.each([1, 2, 5, 6])('to %i of 6: as tensors and as arrays alike', (size) => {
    close(truncate(flat, 6, size), cut(size));
    close(truncated(tf.tensor2d(flat, [5, 6]), size).dataSync(), cut(size));
  });

  test('a row of zeros stays zeros', () => {
    expect([...truncate(new Float32Array(6), 3, 2)]).toEqual([0, 0, 0, 0]);
    expect([...truncated(tf.zeros([2, 3]), 2).dataSync()]).toEqual([0, 0, 0, 0]);
  });

  test('a size that vectors do not have is refused', () => {
    for (const wrong of [0, 1.5, 7])
      expect(() => truncate(flat, 6, wrong)).toThrow(
        `size: got ${wrong}, expected an integer from 1 to 6, the width of the vectors`,
      );
  });
});

test('unit rows leave nothing but themselves', async () => {
  const x = tf.tensor2d(flat, [5, 6]);
  const { leaked } = await countLeaks(() =>
    tf.tidy(() => [unit(x), truncated(x, 2)]).forEach((each) => void each.dispose()),
  );
  expect(leaked).toBe(0);
});
