import { expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { maskedRegion } from '../../src/losses/masked-region.js';
import { streamContrast } from '../../src/losses/stream-contrast.js';
import { dot, mean, numberOf, unitRows } from './rows.js';

const first = unitRows(4, 'pictures');
const second = unitRows(4, 'texts');
/** The first and the third example show the same product. */
const same = [
  [0, 0, 1, 0],
  [0, 0, 0, 0],
  [1, 0, 0, 0],
  [0, 0, 0, 0],
];
const temperature = 0.1;

const scaled = (row: number[]) => row.map((value) => value / Math.hypot(...row));

function slow(left: number[][], pictures = first): number {
  const all = [...pictures, ...second].map(scaled);
  return mean(
    all.map((row, at) => {
      const own = at % 4;
      const positive = Math.exp(dot(row, all[(at + 4) % 8]) / temperature);
      const negatives = all.filter((_, other) => other % 4 !== own && !left[own][other % 4]);
      const others = negatives.reduce((sum, other) => sum + Math.exp(dot(row, other) / temperature), 0);
      return -Math.log(positive / (positive + others));
    }),
  );
}

test('the contrast of streams has partners as positives and both streams of all others as negatives', () => {
  const loss = (left: number[][], scale = 1) =>
    numberOf(
      streamContrast(
        tf.tensor2d(first.map((row) => row.map((value) => scale * value))),
        tf.tensor2d(second),
        tf.tensor2d(left),
        temperature,
      ),
    );
  const none = same.map((row) => row.map(() => 0));
  expect(loss(none)).toBeCloseTo(slow(none), 5);
  expect(loss(same)).toBeCloseTo(slow(same), 5);
  expect(loss(same)).toBeLessThan(loss(none));
  expect(loss(none, 7)).toBeCloseTo(loss(none), 5);
});

test('its gradient is that of the slow version, and no tensor is left', async () => {
  const [right, left] = [tf.tensor2d(second), tf.tensor2d(same)];
  const gradient = tf.grad((x) => streamContrast(x as tf.Tensor2D, right, left, temperature))(tf.tensor2d(first));
  const values = gradient.arraySync() as number[][];
  const step = 1e-4;
  const moved = (at: number, by: number) =>
    slow(
      same,
      first.map((row, place) => (place === 2 ? row.map((value, entry) => value + (entry === at ? by : 0)) : row)),
    );
  for (const at of first[2].keys())
    expect(values[2][at]).toBeCloseTo((moved(at, step) - moved(at, -step)) / (2 * step), 3);
  const x = tf.tensor2d(first);
  expect((await countLeaks(() => streamContrast(x, right, left, temperature).dispose())).leaked).toBe(0);
});

test('the error of hidden regions is a mean over those that are hidden', () => {
  const said = [
    [1, 2],
    [3, 4],
    [5, 6],
  ];
  const features = [
    [1, 0],
    [0, 0],
    [5, 9],
  ];
  const loss = (hidden: number[]) =>
    numberOf(maskedRegion(tf.tensor2d(said), tf.tensor2d(features), tf.tensor1d(hidden)));
  expect(loss([1, 0, 1])).toBeCloseTo((4 / 2 + 9 / 2) / 2, 6);
  expect(loss([0, 0, 0])).toBe(0);
});
