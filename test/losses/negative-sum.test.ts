import { expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { type NegativeSum, sumMasked, sumQueue } from '../../src/losses/negative-sum.js';
import { otherProducts } from '../../src/negatives/sources.js';
import { ints, unitRows } from './rows.js';

const queries = tf.tensor2d(unitRows(6, 'queries'));
const products = Array.from({ length: 50 }, (_, at) => (at % 7 === 0 ? -1 : at % 5));
const queue = { embeddings: tf.tensor2d(unitRows(50, 'queue')), products: ints(products) };
// The first query bought everything: it has no negative in any block.
const bought = tf.tensor2d(
  [
    [0, 1, 2, 3, 4],
    [0, 0, 0, 0, 0],
    [1, 1, 1, 1, 1],
    [2, 3, 2, 2, 2],
    [4, 4, 4, 4, 4],
    [9, 9, 9, 9, 9],
  ],
  undefined,
  'int32',
);

/** The whole matrix at once, by tfjs's own gradients. */
const whole = (asked: tf.Tensor2D) =>
  sumMasked(tf.matMul(asked, queue.embeddings, false, true), otherProducts(bought, queue.products));

test('in blocks as at once, values and gradients', () => {
  const weights = tf.tensor1d([1, 2, -1, 0.5, 3, 1]);
  const run = (sum: (asked: tf.Tensor2D) => NegativeSum) => {
    const { value, grad } = tf.valueAndGrad(
      (x: tf.Tensor) => tf.sum(tf.mul(sum(x as tf.Tensor2D).logSum, weights)) as tf.Scalar,
    )(queries);
    const { logSum, count, similarity, hardest } = sum(queries);
    return [value, grad, logSum, count, similarity, hardest].map((tensor) => [...tensor.dataSync()]);
  };
  const expected = run(whole);
  for (const blockFloats of [1, 6 * 7, 6 * 13, 6 * 50, 1 << 20]) {
    const got = run((asked) => sumQueue(asked, queue, bought, blockFloats));
    got.forEach((values, part) => {
      values.forEach((value, at) => {
        expect(Math.abs(value - expected[part][at])).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected[part][at])));
      });
    });
  }
});

test('a long queue needs no more memory than a block, forth and back', async () => {
  const [asked, size] = [60, 8000];
  const { leaked } = await countLeaks(async () => {
    const long = { embeddings: tf.ones<tf.Rank.R2>([size, 5]), products: tf.ones<tf.Rank.R1>([size], 'int32') };
    const many = tf.ones<tf.Rank.R2>([asked, 5]);
    const nothing = tf.fill([asked], -1, 'int32');
    const before = tf.memory().numBytes;
    const { peakBytes, result } = await tf.profile(() =>
      tf.grad((x) => tf.sum(sumQueue(x as tf.Tensor2D, long, nothing, asked * 100).logSum))(many),
    );
    const max = peakBytes - before;
    const matrix = 4 * asked * size;
    expect(max).toBeGreaterThan(matrix / 40);
    expect(max).toBeLessThan(matrix / 4);
    tf.dispose([long, many, nothing, result as unknown as tf.Tensor]);
  });
  expect(leaked).toBe(0);
});
