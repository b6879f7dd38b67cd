import { expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { supervisedContrastive } from '../../src/losses/supervised-contrastive.js';
import { differences, dot, ints, mean, numberOf, unitRows } from './rows.js';

const rows = unitRows(9, 'queries');
// The last row is padding; number 5 stands alone.
const products = [1, 2, 1, 3, 2, 1, 3, 5, -1];

/** Equation 2 of Khosla et al. 2020 written out. */
function slow(queries: number[][], temperature: number) {
  const anchors = queries.flatMap((query, at) => {
    const others = queries.flatMap((row, i) =>
      i === at || products[i] < 0 ? [] : [{ product: products[i], similarity: dot(query, row) }],
    );
    const same = others.filter(({ product }) => product === products[at]);
    if (!same.length) return [];
    const all = others.reduce((sum, { similarity }) => sum + Math.exp(similarity / temperature), 0);
    const loss = mean(same.map(({ similarity }) => -Math.log(Math.exp(similarity / temperature) / all)));
    const nearest = others.reduce((best, each) => (each.similarity > best.similarity ? each : best));
    return [{ loss, hit: Number(nearest.product === products[at]) }];
  });
  return { total: mean(anchors.map(({ loss }) => loss)), accuracy: mean(anchors.map(({ hit }) => hit)) };
}

test.each([1, 0.1, 0.01])('equals the equation written out at temperature %d', (temperature) => {
  const record = supervisedContrastive(tf.tensor2d(rows), ints(products), tf.scalar(temperature));
  const expected = slow(rows, temperature);
  expect(numberOf(record.total) / expected.total).toBeCloseTo(1, 5);
  expect(numberOf(record.accuracy)).toBeCloseTo(expected.accuracy, 5);
  expect(numberOf(record.anchors)).toBe(7);
});

test('has its gradient', () => {
  const gradient = tf.grad((x) => supervisedContrastive(x as tf.Tensor2D, ints(products), tf.scalar(0.3)).total)(
    tf.tensor2d(rows),
  );
  const expected = differences(rows, (moved) => slow(moved, 0.3).total);
  gradient.dataSync().forEach((value, at) => {
    expect(value).toBeCloseTo(expected[at], 4);
  });
});

test.each([
  ['one row', [4]],
  ['no two rows of one product', [1, 2, 3]],
])('%s: loss and gradient 0, no anchor', (_, numbers) => {
  const embeddings = tf.tensor2d(unitRows(numbers.length, 'few'));
  const loss = (x: tf.Tensor) => supervisedContrastive(x as tf.Tensor2D, ints(numbers), tf.scalar(0.1));
  expect([loss(embeddings).total, loss(embeddings).anchors].map(numberOf)).toEqual([0, 0]);
  const gradient = tf.grad((x) => loss(x).total)(embeddings);
  expect(gradient.dataSync().every((value) => value === 0)).toBe(true);
});

test('equal products everywhere: every row is pulled to every other', () => {
  const record = supervisedContrastive(tf.tensor2d(rows), ints(rows.map(() => 1)), tf.scalar(0.1));
  expect(numberOf(record.anchors)).toBe(9);
  expect(numberOf(record.accuracy)).toBe(1);
  expect(numberOf(record.negative)).toBe(0);
});

test('a row that is not finite shows as NaN, and nothing stays behind', async () => {
  const spoilt = tf.tensor2d(rows.map((row, at) => (at === 2 ? row.map(() => Number.NaN) : row)));
  const numbers = ints(products);
  const temperature = tf.scalar(0.1);
  expect(numberOf(supervisedContrastive(spoilt, numbers, temperature).total)).toBeNaN();
  const { leaked } = await countLeaks(() => {
    tf.dispose(supervisedContrastive(spoilt, numbers, temperature));
    tf.dispose(tf.grad((x) => supervisedContrastive(x as tf.Tensor2D, numbers, temperature).total)(spoilt));
  });
  expect(leaked).toBe(0);
});
