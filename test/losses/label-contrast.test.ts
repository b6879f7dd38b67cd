import { expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { labelContrast } from '../../src/losses/label-contrast.js';
import { unit } from '../../src/losses/unit-rows.js';

const { normal, uniform } = randomStream(1, 'label contrast');
const [Q, L, width] = [5, 7, 4];
const rows = (count: number) => {
  const given = tf.tensor2d(Float32Array.from({ length: count * width }, normal), [count, width]);
  return unit(given);
};
const truth = Float32Array.from({ length: Q * L }, () => Number(uniform() < 0.3));
const relevant = truth.map((value) => Math.max(value, Number(uniform() < 0.6)));

function slow(queries: number[][], labels: number[][], t: number): number {
  const losses: number[] = [];
  queries.forEach((query, q) => {
    const logit = (label: number[]) => query.reduce((sum, value, at) => sum + value * label[at], 0) / t;
    const negatives = labels.filter((_, l) => relevant[q * L + l] && !truth[q * L + l]).map(logit);
    labels.forEach((label, l) => {
      if (!truth[q * L + l]) return;
      const all = [logit(label), ...negatives];
      const most = Math.max(...all);
      losses.push(most + Math.log(all.reduce((sum, each) => sum + Math.exp(each - most), 0)) - logit(label));
    });
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

test.each([1, 0.07, 0.01])('equals the definition written out, at temperature %s', async (t) => {
  const [queries, labels] = [rows(Q), rows(L)];
  const lists = [queries, labels].map((each) => each.arraySync());
  const expected = slow(lists[0], lists[1], t);
  const { leaked } = await countLeaks(() => {
    const [a, b] = [truth, relevant].map((values) => tf.tensor2d(values, [Q, L]));
    const temperature = tf.scalar(t);
    const loss = labelContrast(queries, labels, a, b, temperature);
    expect(loss.dataSync()[0] / expected).toBeCloseTo(1, 4);
    tf.dispose([a, b, temperature, loss]);
  });
  expect(leaked).toBe(0);
});

test('without a true label the loss and its gradient are zero', () => {
  const none = tf.zeros<tf.Rank.R2>([Q, L]);
  const labels = rows(L);
  const { value, grad } = tf.valueAndGrad((queries: tf.Tensor) =>
    labelContrast(queries as tf.Tensor2D, labels, none, tf.ones([Q, L]), tf.scalar(0.07)),
  )(rows(Q));
  expect(value.dataSync()[0]).toBe(0);
  expect([...grad.dataSync()].every((each) => each === 0)).toBe(true);
});
