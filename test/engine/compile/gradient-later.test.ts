import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../../../src/engine/compile/compile.js';
import { compileWithGradientLater, gradientLater } from '../../../src/engine/compile/gradient-later.js';
import { inHalf } from '../../../src/engine/half-products.js';
import { countLeaks } from '../../../src/engine/memory.js';
import * as tf from '../../../src/engine/tf.js';

beforeAll(() => {
  process.env.MOON_CACHE = mkdtempSync(join(tmpdir(), 'moon-later-'));
});

type Named = Record<string, tf.Tensor>;

const values = (tensor: tf.Tensor) => [...tensor.dataSync()];
const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);

/** Two layers with a softmax between them; one output does not depend on the weights, one is an input. */
const network = ({ w, x, y }: Named): Named => {
  const hidden = tf.softmax(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D));
  return {
    rows: tf.matMul(hidden, tf.mul(w, 2), false, true),
    sums: tf.sum(tf.square(hidden), 0),
    x,
    fixed: tf.sin(y),
  };
};

const inputsOf = (seed: number): Named => ({
  w: random([5, 7], seed),
  x: random([3, 5], seed + 1),
  y: random([4], seed + 2),
});
const pullsOf = (outputs: Named, seed: number): Named =>
  Object.fromEntries(Object.entries(outputs).map(([name, { shape }], at) => [name, random(shape, seed + at)]));

/** The gradient of the pulled sum, by tfjs. */
const slowGradient = (inputs: Named, pulls: Named) =>
  tf.tidy(() =>
    tf.grad((w: tf.Tensor) =>
      tf.addN(Object.entries(network({ ...inputs, w })).map(([name, each]) => tf.sum(tf.mul(each, pulls[name])))),
    )(inputs.w),
  );

describe('a gradient that is asked for later', () => {
  test('is that of the whole, on numbers that are known only then, and nothing is computed twice or left', async () => {
    const later = compileWithGradientLater(network, { name: 'later', along: 'w' });
    const { leaked } = await countLeaks(() => {
      for (const seed of [1, 20, 40]) {
        const inputs = inputsOf(seed);
        const { outputs, gradient } = later(inputs, null);
        const expected = tf.tidy(() => network(inputs));
        expect(Object.keys(outputs).sort()).toEqual(Object.keys(expected).sort());
        for (const [name, each] of Object.entries(expected)) {
          expect(outputs[name].shape).toEqual(each.shape);
          values(outputs[name]).forEach((value, at) => {
            expect(value).toBeCloseTo(values(each)[at], 5);
          });
        }
        const pulls = pullsOf(outputs, seed + 5);
        const [own, slow] = [gradient(pulls), slowGradient(inputs, pulls)];
        expect(own.shape).toEqual([5, 7]);
        values(own).forEach((value, at) => {
          expect(value).toBeCloseTo(values(slow)[at], 4);
        });
        tf.dispose([inputs, outputs, expected, pulls, own, slow]);
      }
    });
    expect(leaked).toBe(0);
    const whole = compile((given: Named) => ({ ...network(given), gradient: slowGradient(given, given) }), {
      name: 'whole',
    });
    const given = { ...inputsOf(1), rows: random([3, 5], 1), sums: random([7], 2), fixed: random([4], 3) };
    tf.dispose(whole(given, null));
    // The slow one runs the network once more, which TensorFlow merges but the count has; the other adds three times instead of four
    // numbers once, and copies four outputs.
    const forward = compile(network, { name: 'forward' });
    tf.dispose(forward(inputsOf(1), null));
    expect(later.report().operations).toBeLessThanOrEqual(whole.report().operations - forward.report().operations + 6);
  });

  test('is the same bits as that of one graph', () => {
    const later = compileWithGradientLater(network, { name: 'bits', along: 'w' });
    const whole = compile(
      ({ rows, sums, fixed, ...given }: Named) => {
        return { gradient: slowGradient(given, { rows, sums, x: given.x, fixed }) };
      },
      { name: 'bits of the whole' },
    );
    const inputs = inputsOf(3);
    const { outputs, gradient } = later(inputs, null);
    const pulls = { ...pullsOf(outputs, 8), x: inputs.x };
    const { x: _, ...others } = pulls;
    expect(values(gradient(pulls))).toEqual(values(whole({ ...inputs, ...others }, null).gradient));
  });

  test('in bfloat16 is near, and what is kept stays in bfloat16', () => {
    const half = ({ w, x }: Named): Named =>
      inHalf(() => ({ rows: tf.matMul(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D), w as tf.Tensor2D, false, true) }));
    const later = compileWithGradientLater(half, { name: 'half', along: 'w', precision: 'bfloat16' });
    const inputs = inputsOf(4);
    const { outputs, gradient } = later({ w: inputs.w, x: inputs.x }, null);
    const pulls = pullsOf(outputs, 9);
    const exact = gradientLater(half, 'w')({ w: inputs.w, x: inputs.x }, null).gradient(pulls);
    const distance = tf.norm(tf.sub(gradient(pulls), exact)).dataSync()[0] / tf.norm(exact).dataSync()[0];
    expect(distance).toBeGreaterThan(1e-5);
    expect(distance).toBeLessThan(3e-2);
  });

  test('may be given up', async () => {
    const later = compileWithGradientLater(network, { name: 'given up', along: 'w' });
    const { leaked } = await countLeaks(() => {
      const inputs = inputsOf(5);
      const { outputs, drop } = later(inputs, null);
      drop();
      tf.dispose([inputs, outputs]);
    });
    expect(leaked).toBe(0);
  });
});
