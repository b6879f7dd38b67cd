import { expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { infoNce } from '../../src/losses/info-nce.js';
import { nestedLoss } from '../../src/losses/nested.js';
import { truncate } from '../../src/losses/unit-rows.js';
import type { ContrastiveInput } from '../../src/negatives/sources.js';
import { mean, numberOf, type PlainInput, plain, upload } from './rows.js';

const losses = {
  'one way': (input: ContrastiveInput) => infoNce(input, tf.scalar(0.1)),
  'both ways': (input: ContrastiveInput) => infoNce(input, tf.scalar(0.1), { symmetric: true }),
};

/** The input as an index cut to `size` numbers would hold it. */
function cut(input: PlainInput, size: number): PlainInput {
  const rows = (of: number[][]) => of.map((row) => Array.from(truncate(Float32Array.from(row), row.length, size)));
  const { queries, items, queue } = input;
  return {
    ...input,
    queries: rows(queries),
    items: rows(items),
    queue: { ...queue!, embeddings: rows(queue!.embeddings) },
  };
}

test.each(Object.entries(losses))(
  '%s is the mean over the sizes, each as if the vectors were cut to it',
  (_, lossOf) => {
    const record = nestedLoss([2, 3, 5], upload(plain), lossOf);
    const each = [2, 3, 5].map((size) => lossOf(upload(cut(plain, size))));
    const totals = each.map(({ total }) => numberOf(total));
    expect(numberOf(record.total) / mean(totals)).toBeCloseTo(1, 5);
    [2, 3, 5].forEach((size, at) => {
      expect(numberOf(record[`total${size}`]) / totals[at]).toBeCloseTo(1, 5);
    });
    const { total: _mean, ...whole } = each[2];
    for (const [name, value] of Object.entries(whole))
      expect(numberOf(record[name]), name).toBeCloseTo(numberOf(value), 4);
  },
);

test('one size is the loss itself', () => {
  const [one, plainLoss] = [nestedLoss([5], upload(plain), losses['one way']), losses['one way'](upload(plain))];
  expect(Object.keys(one)).toEqual(Object.keys(plainLoss));
  expect(numberOf(one.total)).toBe(numberOf(plainLoss.total));
});

test('the gradient of the first numbers comes from all sizes, that of the last ones from the largest alone', () => {
  const given = upload(plain);
  const gradient = (sizes: number[]) =>
    tf.grad(
      (queries: tf.Tensor) =>
        nestedLoss(sizes, { ...given, queries: queries as tf.Tensor2D }, losses['both ways']).total,
    )(given.queries);
  const columns = (of: tf.Tensor, from: number, count: number) =>
    tf.slice(of as tf.Tensor2D, [0, from], [-1, count]).dataSync();
  const [nested, whole] = [gradient([2, 5]), gradient([5])];
  const [last, expected] = [columns(nested, 2, 3), columns(tf.mul(whole, 0.5), 2, 3)];
  last.forEach((value, at) => {
    expect(value).toBeCloseTo(expected[at], 5);
  });
  expect(columns(nested, 0, 2)).not.toEqual(columns(tf.mul(whole, 0.5), 0, 2));
  expect(nested.dataSync().every(Number.isFinite)).toBe(true);
});

test('leaves only its record', async () => {
  const given = upload(plain);
  const temperature = tf.scalar(0.1);
  const { leaked } = await countLeaks(() => {
    tf.dispose(nestedLoss([2, 5], given, (input) => infoNce(input, temperature)));
  });
  expect(leaked).toBe(0);
});
