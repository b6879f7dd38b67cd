import { describe, expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { adamW, learningRate, startAdamW } from '../../src/train/adamw.js';
import { flatten, unflatten } from '../../src/train/flat.js';

const shapes: Record<string, number[]> = { b: [3], a: [2, 3], c: [4] };
const values = (name: string) => {
  const { normal } = randomStream(1, name);
  return Float32Array.from({ length: shapes[name].reduce((x, y) => x * y, 1) }, normal);
};
const weights = () =>
  Object.fromEntries(Object.keys(shapes).map((name) => [name, tf.tensor(values(name), shapes[name])]));

describe('flat parameters', () => {
  test('come back as they were, and their gradient is the gradients side by side', () => {
    const { parameters, layout } = flatten(weights());
    const back = unflatten(parameters, layout);
    for (const name of Object.keys(shapes)) {
      expect(back[name].shape).toEqual(shapes[name]);
      expect(back[name].dataSync()).toEqual(values(name));
    }
    const gradient = tf.grad((flat: tf.Tensor) => {
      const { a, b, c } = unflatten(flat as tf.Tensor1D, layout);
      return tf.add(tf.sum(tf.mul(a, b)), tf.sum(tf.square(c))) as tf.Scalar;
    })(parameters);
    const parts = unflatten(gradient as tf.Tensor1D, layout);
    const [a, b, c] = ['a', 'b', 'c'].map(values);
    expect([...parts.a.dataSync()]).toEqual([...b, ...b]);
    parts.b.dataSync().forEach((value, at) => {
      expect(value).toBeCloseTo(a[at] + a[at + 3], 5);
    });
    expect([...parts.c.dataSync()]).toEqual([...c].map((value) => Math.fround(2 * value)));
  });
});

describe('adamW', () => {
  const options = { rate: 0.01, beta1: 0.9, beta2: 0.98, weightDecay: 0.1, clip: 1 };

  test('equals the algorithm written out in double precision, with clipping and decay of matrices alone', () => {
    const flat = flatten(weights());
    let { parameters } = flat;
    const state = startAdamW(flat.layout);
    const slow = [...parameters.dataSync()];
    const mean = slow.map(() => 0);
    const variance = slow.map(() => 0);
    // Names are sorted: a [2, 3] is the matrix, then b and c.
    const decays = slow.map((_, at) => at < 6);
    const { normal } = randomStream(2, 'gradients');
    for (let step = 1; step <= 5; step++) {
      const gradient = slow.map(() => normal());
      const length = Math.hypot(...gradient);
      const update = adamW(parameters, tf.tensor1d(gradient), state, options);
      ({ parameters } = update);
      expect(update.norm.dataSync()[0]).toBeCloseTo(length, 4);
      slow.forEach((value, at) => {
        const g = gradient[at] * Math.min(1, 1 / length);
        mean[at] = 0.9 * mean[at] + 0.1 * g;
        variance[at] = 0.98 * variance[at] + 0.02 * g * g;
        const kept = value * (1 - (decays[at] ? 0.01 * 0.1 : 0));
        slow[at] =
          kept - (0.01 * (mean[at] / (1 - 0.9 ** step))) / (Math.sqrt(variance[at] / (1 - 0.98 ** step)) + 1e-8);
      });
    }
    parameters.dataSync().forEach((value, at) => {
      expect(value).toBeCloseTo(slow[at], 5);
    });
  });

  test('keeps the count of tensors', async () => {
    const flat = flatten(weights());
    let { parameters } = flat;
    const state = startAdamW(flat.layout);
    const gradient = tf.onesLike(parameters);
    const { leaked } = await countLeaks(() => {
      for (let step = 0; step < 5; step++) {
        const update = adamW(parameters, gradient, state, options);
        ({ parameters } = update);
        update.norm.dispose();
      }
    });
    expect(leaked).toBe(0);
  });
});

test('the rate rises to its peak and falls to a hundredth', () => {
  const rates = Array.from({ length: 100 }, (_, step) => learningRate(step, 100, 1, 10));
  expect(rates[0]).toBeCloseTo(0.1, 10);
  expect(Math.max(...rates)).toBe(rates[10]);
  expect(rates[10]).toBeCloseTo(1, 10);
  expect(rates[99]).toBeLessThan(0.012);
  for (let step = 11; step < 100; step++) expect(rates[step]).toBeLessThan(rates[step - 1]);
});
