import { afterAll, describe, expect, test } from 'vitest';
import type { Weights } from '../../../src/engine/flat-weights.js';
import { countLeaks } from '../../../src/engine/memory.js';
import { randomStream } from '../../../src/engine/random.js';
import * as tf from '../../../src/engine/tf.js';
import { adjustLambdas } from '../../../src/weights/compose/adjust.js';
import { composeDecoupled } from '../../../src/weights/compose/decoupled.js';
import { averagedApart, joinedSide } from '../../../src/weights/compose/naive.js';

/** An adapter of one projection of 3 inputs and 2 outputs. */
const adapter = (down: number[][], up: number[][]): Weights => ({
  'q.lora_A.weight': tf.tensor2d(down),
  'q.lora_B.weight': tf.tensor2d(up),
});
const one = adapter([[1, 0, 2]], [[1], [2]]);
const two = adapter([[0, 3, 1]], [[2], [0]]);
const wide = adapter(
  [
    [1, 1, 1],
    [0, 0, 1],
  ],
  [
    [1, 0],
    [0, 1],
  ],
);
afterAll(() => tf.dispose([one, two, wide]));

const product = (weights: Weights) =>
  tf.tidy(() =>
    tf.matMul(weights['q.lora_B.weight'] as tf.Tensor2D, weights['q.lora_A.weight'] as tf.Tensor2D).arraySync(),
  );

describe('composed adapters', () => {
  test('side by side sum up their products exactly, whatever their ranks', () => {
    const sum = joinedSide([one, two, wide], [0.5, 1, 2]);
    // 0.5 [1;2][1 0 2] + [2;0][0 3 1] + 2 [1 1 1; 0 0 1]
    expect(product(sum)).toEqual([
      [0.5 + 0 + 2, 0 + 6 + 2, 1 + 2 + 2],
      [1 + 0 + 0, 0, 2 + 0 + 2],
    ]);
    expect(sum['q.lora_A.weight'].shape).toEqual([4, 3]);
    tf.dispose(sum);
  });

  test('with A and B apart have cross terms', () => {
    const sum = averagedApart([one, two], [0.5, 0.5]);
    // [1.5; 1] [0.5 1.5 1.5]
    expect(product(sum)).toEqual([
      [0.75, 2.25, 2.25],
      [0.5, 1.5, 1.5],
    ]);
    tf.dispose(sum);
    const alone = averagedApart([one, two], [1, 0]);
    expect(product(alone)).toEqual(product(one));
    tf.dispose(alone);
  });

  test('decoupled keep the adapter of each modality, and sum those of words', () => {
    const models = [
      { modality: 'photo', modal: one, words: wide },
      { modality: 'table', modal: two, words: one },
    ];
    const found = composeDecoupled(models, [1, 0.5]);
    expect(Object.keys(found)).toEqual(['photo', 'table', 'words']);
    expect(product(found.photo)).toEqual(product(one));
    expect(product(found.table)).toEqual(product(two));
    expect(product(found.words)).toEqual([
      [1.5, 1, 2],
      [1, 0, 3],
    ]);
    tf.dispose(found);
    expect(product(one)).toEqual([
      [1, 0, 2],
      [2, 0, 4],
    ]);
  });

  test('leave no tensor behind but their own', async () => {
    const { leaked } = await countLeaks(() => {
      tf.dispose([joinedSide([one, two], [1, 1]), averagedApart([one, two], [1, 1])]);
      tf.dispose(composeDecoupled([{ modality: 'photo', modal: one, words: two }], [1]));
    });
    expect(leaked).toBe(0);
  });

  test('are refused in one sentence where they do not fit', () => {
    const other = { 'v.lora_A.weight': one['q.lora_A.weight'], 'v.lora_B.weight': one['q.lora_B.weight'] };
    expect(() => joinedSide([one, other], [1, 1])).toThrow('compose: the adapters change different projections.');
    expect(() => averagedApart([one, wide], [1, 1])).toThrow('q.lora_A.weight is 1 x 3 and 2 x 3.');
    expect(() => joinedSide([one, two], [1])).toThrow('compose: got 1 lambdas for 2 adapters; give one each.');
  });
});

test('factors are those with the best score of all combinations', async () => {
  const { uniform } = randomStream(1, 'scores');
  const seen = new Map<string, number>();
  const best = await adjustLambdas(3, [0, 0.5, 1], async (lambdas) => {
    const score = uniform();
    seen.set(lambdas.join(), score);
    return score;
  });
  expect(seen.size).toBe(27);
  expect(best.score).toBe(Math.max(...seen.values()));
  expect(seen.get(best.lambdas.join())).toBe(best.score);
  expect((await adjustLambdas(2, [0, 1], async () => 0)).lambdas).toEqual([0, 0]);
  await expect(adjustLambdas(2, [], async () => 0)).rejects.toThrow('at least one value');
});
