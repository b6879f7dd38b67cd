import { expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { nextToken, nextTokenTargets } from '../../src/losses/next-token.js';
import { ints, numberOf, unitRows } from './rows.js';

const vocabulary = 11;
const logits = unitRows(6, 'logits', vocabulary).map((row, at) => row.map((value) => value * 3 ** at));
const targets = [3, 0, -1, 10, 7, -1];

/** Softmax and its gradient written out, row by row, in double precision. */
function slow() {
  const counted = targets.filter((target) => target >= 0).length;
  let total = 0;
  let hits = 0;
  const gradient = logits.map((row, at) => {
    const target = targets[at];
    if (target < 0) return row.map(() => 0);
    const sum = row.reduce((all, value) => all + Math.exp(value), 0);
    total -= Math.log(Math.exp(row[target]) / sum) / counted;
    hits += Number(row.indexOf(Math.max(...row)) === target);
    return row.map((value, token) => (Math.exp(value) / sum - Number(token === target)) / counted);
  });
  return { total, accuracy: hits / counted, gradient: gradient.flat() };
}

test('is the cross-entropy written out, over the rows that have a target, with its gradient', () => {
  const expected = slow();
  const loss = (x: tf.Tensor) => nextToken(x as tf.Tensor2D, ints(targets));
  const record = loss(tf.tensor2d(logits));
  expect(numberOf(record.total) / expected.total).toBeCloseTo(1, 5);
  expect(numberOf(record.accuracy)).toBe(expected.accuracy);
  expect(numberOf(record.tokens)).toBe(4);
  const gradient = tf.grad((x) => tf.mul(loss(x).total, 5) as tf.Scalar)(tf.tensor2d(logits));
  gradient.dataSync().forEach((value, at) => {
    expect(value).toBeCloseTo(5 * expected.gradient[at], 5);
  });
});

test('is safe with logits that no exponential could hold', () => {
  const large = tf.tensor2d([
    [5000, -5000, 0],
    [5000, -5000, 0],
  ]);
  const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => nextToken(x as tf.Tensor2D, ints([0, 2])).total)(large);
  expect(numberOf(value)).toBe(2500);
  expect([...grad.dataSync()]).toEqual([0, 0, 0, 0.5, 0, -0.5]);
});

test('without any target it is 0, with a gradient of 0; a row that does not count cannot spoil it', () => {
  const none = tf.valueAndGrad((x: tf.Tensor) => nextToken(x as tf.Tensor2D, ints(targets.map(() => -1))).total);
  const { value, grad } = none(tf.tensor2d(logits));
  expect(numberOf(value)).toBe(0);
  expect(grad.dataSync().every((each) => each === 0)).toBe(true);
  const spoilt = (bad: number) => tf.tensor2d(logits.map((row, at) => (at === bad ? row.map(() => Number.NaN) : row)));
  expect(numberOf(nextToken(spoilt(2), ints(targets)).total)).toBeCloseTo(slow().total, 4);
  expect(numberOf(nextToken(spoilt(3), ints(targets)).total)).toBeNaN();
});

test('targets are the tokens that follow in the same sequence, where they count', () => {
  const tokens = [5, 6, 7, 8, 9, 0, 1, 2];
  // Two sequences of four; the first token of each is a prompt, the last of the second is padding.
  const counts = (row: number) => ![0, 4, 7].includes(row);
  expect([...nextTokenTargets(tokens, 4, counts)]).toEqual([6, 7, 8, -1, 0, 1, -1, -1]);
});

test('leaves nothing behind', async () => {
  const [scores, places] = [tf.tensor2d(logits), ints(targets)];
  const { leaked } = await countLeaks(() => {
    tf.dispose(nextToken(scores, places));
    tf.dispose(tf.grad((x) => nextToken(x as tf.Tensor2D, places).total)(scores));
  });
  expect(leaked).toBe(0);
});
