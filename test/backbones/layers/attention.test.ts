import { describe, expect, it } from 'vitest';
import {
  attend,
  attentionMask,
  attentionWeights,
  fromHeads,
  toHeads,
} from '../../../src/backbones/layers/attention.js';
import { inverseFrequencies, rotaryTable, rotate, scaledTable } from '../../../src/backbones/layers/rotary.js';
import { countLeaks } from '../../../src/engine/memory.js';
import * as tf from '../../../src/engine/tf.js';
import { expectClose, expectSameFunction, normal } from '../close.js';

const [heads, keyHeads, groups, length, width] = [6, 2, 3, 5, 4];
const queries = normal('q', heads, groups, length, width);
const keys = normal('k', keyHeads, groups, length, width);
const values = normal('v', keyHeads, groups, length, width);

/** Repeat key-value heads, then one small operation after another; tfjs derives the gradients. */
function plainAttention(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  const repeated = (x: tf.Tensor) =>
    tf.reshape(tf.stack(Array(heads / keyHeads).fill(x), 1), [heads, ...x.shape.slice(1)]);
  const scores = tf.matMul(q, repeated(k), false, true);
  return tf.matMul(tf.softmax(mask ? tf.add(scores, mask) : scores), repeated(v));
}

describe('attend', () => {
  const padding = tf.tensor2d([1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1], [3, 5]);
  it.each([
    ['without a mask', undefined],
    ['causally', attentionMask(undefined, length, length, true)],
    ['with padding', attentionMask(padding, length, length, false)],
    ['causally with padding', attentionMask(padding, length, length, true)],
  ])('equals plain attention %s, gradients included', (_, mask) => {
    expectSameFunction(
      (q, k, v) => attend(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, mask),
      (q, k, v) => plainAttention(q, k, v, mask),
      [queries, keys, values],
    );
  });

  it('equals plain attention over many keys, whose weights it computes twice, though the mask is gone by then', () => {
    const long = [normal('q', heads, 1, 3, width), ...['k', 'v'].map((name) => normal(name, keyHeads, 1, 520, width))];
    const masked = () => attentionMask(undefined, 3, 520, true);
    expectSameFunction(
      (q, k, v) => tf.tidy(() => attend(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, masked())),
      (q, k, v) => plainAttention(q, k, v, masked()),
      long,
    );
  });

  it('gives padding no share, later tokens none, and the rest adds up to 1', () => {
    tf.tidy(() => {
      const mask = attentionMask(padding, length, length, true);
      const shares = attentionWeights(queries as tf.Tensor4D, keys as tf.Tensor4D, mask);
      expectClose(tf.sum(shares, -1), tf.ones([heads, groups, length]));
      const seen = tf.mean(shares, 0).arraySync() as number[][][];
      const real = padding.arraySync();
      seen.forEach((matrix, group) => {
        matrix.forEach((row, at) => {
          row.forEach((fraction, key) => {
            if (real[group].slice(0, at + 1).some(Boolean))
              expect(fraction > 0).toBe(key <= at && real[group][key] === 1);
          });
        });
      });
    });
  });

  it('lets the last queries of longer keys see all that came before', () => {
    tf.tidy(() => {
      const mask = attentionMask(undefined, 2, 5, true)!;
      expect(tf.greaterEqual(mask, 0).arraySync()).toEqual([
        [
          [1, 1, 1, 1, 0],
          [1, 1, 1, 1, 1],
        ],
      ]);
    });
  });
});

describe('heads', () => {
  it('go apart and together again', () => {
    tf.tidy(() => {
      const x = normal('x', groups * length, heads * width) as tf.Tensor2D;
      expectClose(fromHeads(toHeads(x, groups, heads)), x);
      const at = (h: number, g: number, l: number) =>
        tf.slice(toHeads(x, groups, heads), [h, g, l, 0], [1, 1, 1, width]);
      expectClose(
        tf.reshape(at(4, 2, 3), [width]),
        tf.reshape(tf.slice(x, [2 * length + 3, 4 * width], [1, width]), [width]),
      );
    });
  });
});

describe('rotate', () => {
  const positions = tf.tensor2d([0, 0, 0, 1, 2, 0, 3, 5, 40, 7], [5, 2], 'int32');
  const table = rotaryTable(positions, inverseFrequencies(4, 100), [0, 1]);

  it('turns every pair of numbers by its angle, gradient included', () => {
    const frequencies = [1, 1 / 10];
    const angle = (row: number, j: number) => positions.arraySync()[row][j % 2] * frequencies[j % 2];
    const byRow = (f: (x: number) => number) =>
      tf.tensor2d(
        Array.from({ length: 20 }, (_, i) => f(angle(Math.floor(i / 4), i % 4))),
        [5, 4],
      );
    const truth = (x: tf.Tensor) => {
      const [first, second] = tf.split(x, 2, -1);
      return tf.add(tf.mul(x, byRow(Math.cos)), tf.mul(tf.concat([tf.neg(second), first], -1), byRow(Math.sin)));
    };
    expectSameFunction((x) => rotate(x as tf.Tensor4D, table), truth, [queries]);
  });

  it('scales what a scaled table turns', () => {
    tf.tidy(() => {
      const scaled = rotate(queries as tf.Tensor4D, scaledTable(table, 0.5));
      expectClose(scaled, tf.mul(rotate(queries as tf.Tensor4D, table), 0.5));
    });
  });

  it('leaves products of rotated heads to depend on distance alone', () => {
    tf.tidy(() => {
      const turned = (at: number[], name: string) =>
        rotate(
          normal(name, 1, 1, 1, 4) as tf.Tensor4D,
          rotaryTable(tf.tensor2d([at], [1, 2], 'int32'), inverseFrequencies(4, 100), [0, 1]),
        );
      const product = (a: number[], b: number[]) => tf.sum(tf.mul(turned(a, 'first'), turned(b, 'second')));
      expectClose(product([3, 9], [5, 2]), product([13, 29], [15, 22]));
    });
  });
});

it('leaves no tensors behind', async () => {
  const table = rotaryTable(tf.zeros([5, 2], 'int32'), inverseFrequencies(4, 100), [0, 1]);
  const { leaked } = await countLeaks(() => {
    tf.tidy(() => {
      tf.grads((q, k) => attend(rotate(q as tf.Tensor4D, table), k as tf.Tensor4D, k as tf.Tensor4D))([queries, keys]);
    });
  });
  expect(leaked).toBe(0);
});
