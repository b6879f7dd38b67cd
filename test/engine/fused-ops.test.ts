import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  gated,
  gatedGradient,
  maskedSoftmax,
  normalised,
  normalisedGradient,
  softmaxGradient,
  turned,
  updated,
} from '../../src/engine/fused-ops.js';
import { countLeaks } from '../../src/engine/memory.js';
import { hasKernels } from '../../src/engine/native.js';
import * as tf from '../../src/engine/tf.js';

/** The kernels beside loops in double precision, on sizes that end within a vector of the processor. */

const sizes = fc.record({
  rows: fc.integer({ min: 1, max: 40 }),
  width: fc.integer({ min: 1, max: 67 }),
  seed: fc.nat(999),
});
const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1.5, 'float32', seed);
const arrayOf = (x: tf.Tensor) => Array.from(x.dataSync() as Float32Array);
const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0);

function expectClose(given: tf.Tensor, expected: readonly number[], tolerance = 3e-6): void {
  const largest = Math.max(1, ...expected.map(Math.abs));
  const own = arrayOf(given);
  expect(own).toHaveLength(expected.length);
  expected.forEach((value, at) => {
    expect(Math.abs(own[at] - value), `number ${at}`).toBeLessThan(tolerance * largest);
  });
}

/** Check a property of sizes, freeing what it makes. */
const everywhere = (check: (size: { rows: number; width: number; seed: number }) => void) =>
  fc.assert(
    fc.property(sizes, (size) => void tf.tidy(() => check(size))),
    { numRuns: 25 },
  );

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

describe('own kernels', () => {
  test('are there, where setup compiled the engine', () => {
    tf.backend();
    expect(hasKernels()).toBe(true);
  });

  test('RMS norm and its gradients', () =>
    everywhere(({ rows, width, seed }) => {
      const [x, dy] = [random([rows, width], seed), random([rows, width], seed + 1)] as tf.Tensor2D[];
      const gain = random([width], seed + 2);
      const { value, scale } = normalised(x, gain, 1e-5);
      const [dx, dGain] = normalisedGradient(dy, [x, scale, gain]);
      const [xs, slopes, gains] = [x, dy, gain].map(arrayOf);
      const rowsOf = (values: number[]) =>
        Array.from({ length: rows }, (_, row) => values.slice(row * width, (row + 1) * width));
      const scales = rowsOf(xs).map((row) => 1 / Math.sqrt(sum(row.map((each) => each * each)) / width + 1e-5));
      expectClose(scale, scales);
      expectClose(
        value,
        rowsOf(xs).flatMap((row, at) => row.map((each, j) => each * scales[at] * gains[j])),
      );
      const expected = rowsOf(xs).flatMap((row, at) => {
        const slope = rowsOf(slopes)[at].map((each, j) => each * gains[j]);
        const along = sum(slope.map((each, j) => each * row[j] * scales[at])) / width;
        return row.map((each, j) => (slope[j] - each * scales[at] * along) * scales[at]);
      });
      // Of numbers of the size of the slopes times the scale, next to each other, the difference is left.
      expectClose(dx, expected, 1e-5 * Math.max(1, ...scales));
      const ofGain = Array.from({ length: width }, (_, j) =>
        sum(rowsOf(slopes).map((row, at) => row[j] * rowsOf(xs)[at][j] * scales[at])),
      );
      expectClose(dGain, ofGain, 1e-5);
    }));

  test('SwiGLU and its gradients, for large numbers too', () =>
    everywhere(({ rows, width, seed }) => {
      const [gate, up, dy] = [0, 1, 2].map((at) => tf.mul(random([rows, width], seed + at), at ? 1 : 20));
      const [gates, ups, slopes] = [gate, up, dy].map(arrayOf);
      expectClose(
        gated(gate, up),
        gates.map((each, at) => each * sigmoid(each) * ups[at]),
      );
      const [dGate, dUp] = gatedGradient(dy, [gate, up]);
      expectClose(
        dGate,
        gates.map((each, at) => {
          const open = sigmoid(each);
          return slopes[at] * ups[at] * (open + each * open * (1 - open));
        }),
      );
      expectClose(
        dUp,
        gates.map((each, at) => slopes[at] * each * sigmoid(each)),
      );
    }));

  test.each<[string, (groups: number, rows: number) => number[] | undefined]>([
    ['without a mask', () => undefined],
    ['one for all', (_, rows) => [1, rows]],
    ['one of each group', (groups, rows) => [groups, rows]],
    ['one row of each group', (groups) => [groups, 1]],
    ['one row', () => [1, 1]],
  ])('softmax %s', (_, masked) =>
    everywhere(({ rows, width, seed }) => {
      const groups = 1 + (seed % 3);
      const scores = random([2, 1, groups, rows, width], seed);
      const sides = masked(groups, rows);
      const mask = sides && tf.mul(tf.cast(tf.greater(random([...sides, width], seed + 1), 0.5), 'float32'), -1e9);
      const all = arrayOf(mask ? tf.add(scores, mask) : scores);
      const expected = Array.from({ length: all.length / width }, (_, row) =>
        all.slice(row * width, (row + 1) * width),
      ).flatMap((row) => {
        const powers = row.map((each) => Math.exp(each - Math.max(...row)));
        return powers.map((each) => each / sum(powers));
      });
      const y = maskedSoftmax(scores, mask);
      expectClose(y, expected);
      // What a mask hides has no part at all.
      expect(arrayOf(y).map((each) => each > 0)).toEqual(expected.map((each) => each > 0));
      const dy = random(scores.shape, seed + 2);
      const slopes = arrayOf(dy);
      const dx = softmaxGradient(dy, y, () => tf.sum(tf.mul(dy, y), -1, true));
      const along = Array.from({ length: all.length / width }, (_, row) =>
        sum(Array.from({ length: width }, (_, j) => slopes[row * width + j] * expected[row * width + j])),
      );
      expectClose(
        dx,
        expected.map((each, at) => each * (slopes[at] - along[Math.floor(at / width)])),
        1e-5,
      );
    }),
  );

  test('rotation is that of each pair, and going back undoes a table of angles', () =>
    everywhere(({ rows, width: half, seed }) => {
      const angles = random([rows, half], seed);
      const [cosines, sines] = [tf.cos(angles), tf.sin(angles)].map((each) => tf.concat([each, each], 1));
      const x = random([3, rows, 2 * half], seed + 1);
      const given = arrayOf(x);
      const turns = arrayOf(angles);
      const expected = given.map((each, at) => {
        const [row, j] = [Math.floor(at / (2 * half)) % rows, at % (2 * half)];
        const angle = turns[row * half + (j % half)];
        const other = j < half ? -given[at + half] : given[at - half];
        return each * Math.cos(angle) + other * Math.sin(angle);
      });
      const y = turned(x, cosines, sines)!;
      expectClose(y, expected);
      expectClose(turned(y, cosines, sines, true)!, given, 1e-5);
    }));

  test('AdamW with rates of its own for each number, none for some', () =>
    everywhere(({ rows, width, seed }) => {
      const count = rows * width;
      const [parameters, gradient, mean] = [0, 1, 2].map((at) => random([count], seed + at)) as tf.Tensor1D[];
      const variance = tf.square(random([count], seed + 3)) as tf.Tensor1D;
      const rates: tf.Tensor1D = tf.cast(tf.greater(random([count], seed + 4), 0), 'float32');
      const decays: tf.Tensor1D = tf.cast(tf.greater(random([count], seed + 5), 0), 'float32');
      const [factor, rate, correction1, correction2] = [0.7, 1e-2, 0.3, 0.1];
      const scalars = {
        factor: tf.scalar(factor),
        rate: tf.scalar(rate),
        correction1: tf.scalar(correction1),
        correction2: tf.scalar(correction2),
      };
      const next = updated(
        { parameters, gradient, mean, variance, rates, decays, ...scalars },
        { beta1: 0.9, beta2: 0.98, weightDecay: 0.05 },
      )!;
      const [w, g, m, v, r, d] = [parameters, gradient, mean, variance, rates, decays].map(arrayOf);
      const expected = w.map((each, at) => {
        const moving = r[at] ? g[at] * factor : 0;
        const nextMean = 0.9 * m[at] + 0.1 * moving;
        const nextVariance = 0.98 * v[at] + 0.02 * moving ** 2;
        const step = (nextMean / correction1 / (Math.sqrt(nextVariance / correction2) + 1e-8)) * rate * r[at];
        return { w: each * (1 - rate * 0.05 * d[at] * r[at]) - step, nextMean, nextVariance };
      });
      expectClose(
        next.parameters,
        expected.map((each) => each.w),
      );
      expectClose(
        next.mean,
        expected.map((each) => each.nextMean),
      );
      expectClose(
        next.variance,
        expected.map((each) => each.nextVariance),
      );
    }));

  test('let numbers through that are none, and leave no tensor', async () => {
    const { leaked } = await countLeaks(() => {
      tf.tidy(() => {
        const x = tf.tensor2d([
          [1, Number.NaN],
          [2, 3],
        ]);
        expect(arrayOf(gated(x, x)).map(Number.isNaN)).toEqual([false, true, false, false]);
        expect(arrayOf(maskedSoftmax(x)).map(Number.isNaN)).toEqual([true, true, false, false]);
        expect(arrayOf(normalised(x, tf.ones([2]), 1e-6).value).map(Number.isNaN)).toEqual([true, true, false, false]);
      });
    });
    expect(leaked).toBe(0);
  });
});
