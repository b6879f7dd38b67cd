import { describe, expect, test } from 'vitest';
import { flatten, unflatten } from '../../src/engine/flat-weights.js';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { adamW, biasCorrections, updateScales } from '../../src/train/optimizer/adamw.js';
import { learningRate } from '../../src/train/optimizer/schedule.js';

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
  const options = { beta1: 0.9, beta2: 0.98, weightDecay: 0.1, clip: 1 };

  /** A few updates from gradients that are given one by one. */
  function updates(gradients: number[][], rates = {}) {
    const { parameters, layout } = flatten(weights());
    const scales = updateScales(layout, rates);
    const rate = tf.scalar(0.01);
    let held = { parameters, mean: tf.zerosLike(parameters), variance: tf.zerosLike(parameters) };
    const norms = gradients.map((values, at) => {
      const gradient = tf.tensor1d(values);
      const corrections = biasCorrections(at + 1, options);
      const { norm, ...next } = adamW({ ...held, gradient, ...scales, rate, ...corrections }, options);
      tf.dispose([held, gradient, corrections]);
      held = next;
      const [value] = norm.dataSync();
      norm.dispose();
      return value;
    });
    const result = { parameters: [...held.parameters.dataSync()], norms };
    tf.dispose([held, scales, rate]);
    return result;
  }

  const { normal } = randomStream(2, 'gradients');
  const gradients = Array.from({ length: 5 }, () => Array.from({ length: 13 }, normal));

  test('equals the algorithm written out in double precision, with clipping and decay of matrices alone', () => {
    const slow = ['a', 'b', 'c'].flatMap((name) => [...values(name)]);
    const mean = slow.map(() => 0);
    const variance = slow.map(() => 0);
    // Names are sorted: a [2, 3] is the matrix, then b and c.
    const decays = slow.map((_, at) => at < 6);
    const { parameters, norms } = updates(gradients);
    gradients.forEach((gradient, at) => {
      const step = at + 1;
      const length = Math.hypot(...gradient);
      expect(norms[at]).toBeCloseTo(length, 4);
      slow.forEach((value, at) => {
        const g = gradient[at] * Math.min(1, 1 / length);
        mean[at] = 0.9 * mean[at] + 0.1 * g;
        variance[at] = 0.98 * variance[at] + 0.02 * g * g;
        const kept = value * (1 - (decays[at] ? 0.01 * 0.1 : 0));
        slow[at] =
          kept - (0.01 * (mean[at] / (1 - 0.9 ** step))) / (Math.sqrt(variance[at] / (1 - 0.98 ** step)) + 1e-8);
      });
    });
    parameters.forEach((value, at) => {
      expect(value).toBeCloseTo(slow[at], 5);
    });
  });

  test('a frozen part stays as it is and does not count in the norm', () => {
    // These names are of no other part: all of them are `language`.
    const { parameters, norms } = updates(gradients, { language: 0 });
    expect(parameters).toEqual(['a', 'b', 'c'].flatMap((name) => [...values(name)]));
    expect(norms).toEqual(norms.map(() => 0));
  });

  test('keeps the count of tensors', async () => {
    const { leaked } = await countLeaks(() => void updates(gradients));
    expect(leaked).toBe(0);
  });
});

test('the rate rises to its peak and falls to a hundredth', () => {
  const rates = Array.from({ length: 100 }, (_, step) => learningRate(step, { steps: 100, rate: 1, warmUpSteps: 10 }));
  expect(rates[0]).toBeCloseTo(0.1, 10);
  expect(Math.max(...rates)).toBe(rates[10]);
  expect(rates[10]).toBeCloseTo(1, 10);
  expect(rates[99]).toBeLessThan(0.012);
  for (let step = 11; step < 100; step++) expect(rates[step]).toBeLessThan(rates[step - 1]);
});

test('a run that is shorter than its warm-up warms up in a fifth of its steps, and comes to its peak', () => {
  const rates = Array.from({ length: 10 }, (_, step) => learningRate(step, { steps: 10, rate: 1, warmUpSteps: 80 }));
  expect(rates.slice(0, 3)).toEqual([0.5, 1, 1]);
  expect(Math.max(...rates)).toBe(1);
});
