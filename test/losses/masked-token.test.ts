import { expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { maskedToken } from '../../src/losses/masked-token.js';
import { nextToken } from '../../src/losses/next-token.js';
import { ints, numberOf, unitRows } from './rows.js';

const vocabulary = 7;
const logits = unitRows(5, 'masked', vocabulary).map((row, at) => row.map((value) => value * 2 ** at));
const targets = [6, -1, 0, 3, -1];
const factors = [0.5, 9, 0.25, 2, 9];

/** Softmax and its gradient written out in double precision. */
function slow() {
  let [total, hits] = [0, 0];
  const gradient = logits.flatMap((row, at) => {
    const target = targets[at];
    if (target < 0) return row.map(() => 0);
    const sum = row.reduce((all, value) => all + Math.exp(value), 0);
    total -= factors[at] * Math.log(Math.exp(row[target]) / sum);
    hits += Number(row.indexOf(Math.max(...row)) === target);
    return row.map((value, token) => factors[at] * (Math.exp(value) / sum - Number(token === target)));
  });
  return { total, accuracy: hits / 3, gradient };
}

test('is the weighted cross-entropy of the hidden tokens, with its gradient', () => {
  const expected = slow();
  const loss = (x: tf.Tensor) => maskedToken(x as tf.Tensor2D, ints(targets), tf.tensor1d(factors));
  const record = loss(tf.tensor2d(logits));
  expect(numberOf(record.total)).toBeCloseTo(expected.total, 5);
  expect(numberOf(record.accuracy)).toBeCloseTo(expected.accuracy, 6);
  const gradient = tf
    .grad((x) => loss(x).total)(tf.tensor2d(logits))
    .dataSync();
  expected.gradient.forEach((value, at) => {
    expect(gradient[at]).toBeCloseTo(value, 5);
  });
});

test('with equal factors it is the mean that next tokens have, and without targets 0', () => {
  const equal = tf.fill([5], 1 / 3) as tf.Tensor1D;
  const [x, t] = [tf.tensor2d(logits), ints(targets)];
  expect(numberOf(maskedToken(x, t, equal).total)).toBeCloseTo(numberOf(nextToken(x, t).total), 5);
  expect(numberOf(maskedToken(x, ints([-1, -1, -1, -1, -1]), equal).total)).toBe(0);
});

test('a row that does not count cannot spoil it, and no tensor is left', async () => {
  const spoilt = logits.map((row, at) => (at === 1 ? row.map(() => Number.NaN) : row));
  const [x, t, f] = [tf.tensor2d(spoilt), ints(targets), tf.tensor1d(factors)];
  expect(numberOf(maskedToken(x, t, f).total)).toBeCloseTo(slow().total, 5);
  const { leaked } = await countLeaks(() => tf.dispose(maskedToken(x, t, f)));
  expect(leaked).toBe(0);
});
