import { expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { circleLoss } from '../../src/losses/circle.js';
import { contrastiveLoss, type LossOption } from '../../src/losses/contrastive-loss.js';
import { infoNce } from '../../src/losses/info-nce.js';
import { differences, dot, mean, negativesOf, numberOf, type PlainInput, plain, unitRows, upload } from './rows.js';

/**
 * Equation 6 of Sun et al. 2020 written out. The paces a_p and a_n are constants of the gradient, so they are taken from an
 * input of their own.
 */
function slow(input: PlainInput, margin: number, gamma: number, paces: PlainInput = input): number {
  const losses = input.queries.map((query, at) => {
    const rows = input.positiveOf[at].filter((row) => row >= 0);
    const positives = rows.map((row) => {
      const pace = Math.max(0, 1 + margin - dot(paces.queries[at], paces.items[row]));
      return Math.exp(-gamma * pace * (dot(query, input.items[row]) - (1 - margin)));
    });
    const before = negativesOf(paces, at);
    const negatives = negativesOf(input, at).map(({ row }, place) => {
      const pace = Math.max(0, dot(paces.queries[at], before[place].row) + margin);
      return Math.exp(gamma * pace * (dot(query, row) - margin));
    });
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
    return Math.log1p(sum(negatives) * sum(positives));
  });
  return mean(losses);
}

test.each([
  [0.4, 80],
  [0.25, 10],
])('equals the equation written out, with margin %d and gamma %d', (margin, gamma) => {
  const total = numberOf(circleLoss(upload(plain), { margin, gamma }).total);
  expect(total / slow(plain, margin, gamma)).toBeCloseTo(1, 5);
});

test('has its gradient, with the paces constant, also through the queue', () => {
  const given = upload(plain);
  const [queries, items] = tf.grads((...rows: tf.Tensor[]) => {
    const [queries, items] = rows as tf.Tensor2D[];
    return circleLoss({ ...given, queries, items }, { margin: 0.3, gamma: 4 }).total;
  })([given.queries, given.items]);
  const close = (gradient: tf.Tensor, expected: number[]) =>
    gradient.dataSync().forEach((value, at) => {
      expect(value).toBeCloseTo(expected[at], 4);
    });
  close(
    queries,
    differences(plain.queries, (queries) => slow({ ...plain, queries }, 0.3, 4, plain)),
  );
  close(
    items,
    differences(plain.items, (items) => slow({ ...plain, items }, 0.3, 4, plain)),
  );
});

test('without negatives the loss and its gradient are 0', () => {
  const one = { queries: unitRows(1, 'a'), items: unitRows(1, 'b'), positiveOf: [[0]], queryProducts: [[7]] };
  const given = upload({ ...one, itemProducts: [7] });
  const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => circleLoss({ ...given, queries: x as tf.Tensor2D }).total)(
    given.queries,
  );
  expect([...value.dataSync(), ...grad.dataSync()]).toEqual([0, 0, 0, 0, 0, 0]);
});

test('an option chooses the loss, and a wrong one is refused', () => {
  const temperature = tf.scalar(0.1);
  const total = (option: LossOption) => numberOf(contrastiveLoss(option, upload(plain), temperature).total);
  expect(total({ kind: 'circle', margin: 0.2 })).toBe(numberOf(circleLoss(upload(plain), { margin: 0.2 }).total));
  expect(total({ kind: 'info-nce' })).toBe(numberOf(infoNce(upload(plain), temperature).total));
  expect(() => total({ kind: 'triplet' } as unknown as LossOption)).toThrow(
    'loss.kind: got "triplet", expected one of info-nce | circle',
  );
  expect(() => total({ kind: 'circle', margin: 1 })).toThrow('loss.margin: got 1');
  expect(() => total({ kind: 'circle', gamma: 0 })).toThrow('loss.gamma: got 0');
});

test('leaves nothing behind', async () => {
  const given = upload(plain);
  const { leaked } = await countLeaks(() => {
    tf.dispose(circleLoss(given));
    tf.dispose(tf.grad((x) => circleLoss({ ...given, queries: x as tf.Tensor2D }).total)(given.queries));
  });
  expect(leaked).toBe(0);
});
