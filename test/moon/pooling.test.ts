import { expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { pool } from '../../src/moon/pooling.js';
import { nestedSizes } from '../../src/moon/pooling-option.js';
import { unitRows } from '../losses/rows.js';

const hidden = tf.tensor3d([0, 1, 2].map((at) => unitRows(4, `hidden ${at}`, 6)));
const real = [4, 1, 3];
const mask = tf.tensor2d(real.map((count) => [0, 1, 2, 3].map((place) => Number(place < count))));
const unit = (row: number[]) => row.map((value) => value / Math.hypot(...row));
const close = (actual: ArrayLike<number>, expected: number[]) => {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, at) => {
    expect(actual[at]).toBeCloseTo(value, 5);
  });
};

test('mean is the average of the real tokens, last is the last real one; both of length 1', () => {
  const rows = hidden.arraySync();
  const mean = rows.map((tokens, at) => {
    const own = tokens.slice(0, real[at]);
    return unit(own[0].map((_, column) => own.reduce((sum, token) => sum + token[column], 0) / real[at]));
  });
  close(pool(hidden, mask, { kind: 'mean' }).dataSync(), mean.flat());
  close(
    pool(hidden, mask, { kind: 'last', nested: [2] }).dataSync(),
    rows.flatMap((tokens, at) => unit(tokens[real[at] - 1])),
  );
});

test('sizes go from the smallest to the width, each once', () => {
  expect(nestedSizes({ kind: 'mean' }, 96)).toEqual([96]);
  expect(nestedSizes({ kind: 'last', nested: [32, 8, 32] }, 96)).toEqual([8, 32, 96]);
  for (const wrong of [0, 96, 200, 1.5])
    expect(() => nestedSizes({ kind: 'mean', nested: [8, wrong] }, 96)).toThrow(`pooling.nested: got ${wrong}`);
  expect(() => pool(hidden, mask, { kind: 'max' } as never)).toThrow('pooling.kind: got "max"');
});

test('leaves only the vectors behind', async () => {
  const { leaked } = await countLeaks(() => {
    tf.tidy(() => pool(hidden, mask, { kind: 'last' })).dispose();
  });
  expect(leaked).toBe(0);
});
