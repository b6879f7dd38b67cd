import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { swiglu } from '../../../src/backbones/layers/layers.js';
import { compile } from '../../../src/engine/compile/compile.js';
import { inHalfPrecision } from '../../../src/engine/compile/half-precision.js';
import { rawBackend } from '../../../src/engine/compile/native-backend.js';
import { record } from '../../../src/engine/compile/recording.js';
import { roundBfloat16 } from '../../../src/engine/half.js';
import { inHalf } from '../../../src/engine/half-products.js';
import { countLeaks } from '../../../src/engine/memory.js';
import { affine } from '../../../src/engine/native-ops.js';
import * as tf from '../../../src/engine/tf.js';

beforeAll(() => {
  process.env.MOON_CACHE = mkdtempSync(join(tmpdir(), 'moon-graphs-'));
});

type Named = Record<string, tf.Tensor>;

const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);
const valuesOf = (tensor: tf.Tensor) => Float32Array.from(tensor.dataSync());

/** x w' with operands rounded to bfloat16, summed in double precision: what a product in bfloat16 computes before it rounds the result. */
function plainProduct(x: tf.Tensor2D, w: tf.Tensor2D): number[] {
  const [a, b] = [x, w].map((each) => roundBfloat16(valuesOf(each)));
  const [rows, inner] = x.shape;
  return Array.from({ length: rows * w.shape[0] }, (_, at) => {
    const [row, column] = [Math.floor(at / w.shape[0]), at % w.shape[0]];
    let sum = 0;
    for (let i = 0; i < inner; i++) sum += a[row * inner + i] * b[column * inner + i];
    return sum;
  });
}

describe('a graph in bfloat16', () => {
  test('computes its products from rounded operands and rounds their results', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 70 }),
        fc.nat(1000),
        (rows, inner, seed) => {
          const inputs = { x: random([rows, inner], seed), w: random([7, inner], seed + 1) };
          const product = compile(({ x, w }: Named) => ({ y: affine(x as tf.Tensor2D, w as tf.Tensor2D) }), {
            name: 'product',
            precision: 'bfloat16',
          });
          const { y } = product(inputs, null);
          const given = valuesOf(y);
          plainProduct(inputs.x as tf.Tensor2D, inputs.w as tf.Tensor2D).forEach((sum, at) => {
            // A unit of the last of eight bits (half of one where the processor has such products), and the rounding of sums in float32.
            expect(Math.abs(given[at] - sum)).toBeLessThanOrEqual(Math.abs(sum) * 2 ** -7 + inner * 1e-5);
          });
          expect(roundBfloat16(given.slice())).toEqual(given);
          tf.dispose([inputs, y]);
        },
      ),
      { numRuns: 12 },
    );
  });

  test('leaves products that were not allowed it, and everything else, in float32', () => {
    const fn = ({ x, w }: Named) => ({
      exact: tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D, false, true),
      router: affine(x as tf.Tensor2D, w as tf.Tensor2D, undefined, 'float32'),
      softmax: tf.softmax(x),
    });
    const inputs = { x: random([5, 9], 1), w: random([4, 9], 2) };
    const [half, full] = (['bfloat16', 'float32'] as const).map((precision) =>
      compile(fn, { name: 'untouched', precision })(inputs, null),
    );
    for (const name of Object.keys(full)) expect(valuesOf(half[name])).toEqual(valuesOf(full[name]));
    tf.dispose([inputs, half, full]);
  });

  test('converts each number once, and moves products without converting them', () => {
    const { binding } = rawBackend();
    const inputs = { x: random([6, 8], 1), w: random([8, 8], 2) };
    const recording = record('moves', inputs, ({ x, w }) => {
      const y = affine(x as tf.Tensor2D, w as tf.Tensor2D);
      const heads = tf.transpose(tf.reshape(y, [3, 2, 8]), [1, 0, 2]) as tf.Tensor3D;
      return {
        scores: inHalf(() => tf.matMul(heads, heads, false, true)),
        gate: affine(x as tf.Tensor2D, w as tf.Tensor2D),
      };
    });
    const { nodes } = inHalfPrecision(recording, binding);
    const ops = nodes.flatMap((node) => (node.kind === 'operation' ? [node.op] : []));
    // In: x and w, each once for two products. Out: the two results.
    expect(ops.filter((op) => op === 'Cast')).toHaveLength(4);
    tf.dispose(inputs);
  });

  test('gives gradients of a feed-forward layer within the rounding of bfloat16, and leaves no tensor', async () => {
    const fn = ({ x, gate, up, down }: Named): Named =>
      tf.tidy(() => {
        const loss = (...weights: tf.Tensor[]) => {
          const [g, u, d] = weights as tf.Tensor2D[];
          const hidden = swiglu(affine(x as tf.Tensor2D, g), affine(x as tf.Tensor2D, u));
          return tf.mean(tf.square(affine(hidden, d))) as tf.Scalar;
        };
        const [g, u, d] = tf.grads(loss)([gate, up, down]);
        return { g, u, d };
      });
    const inputs = {
      x: random([64, 32], 1),
      gate: random([96, 32], 2),
      up: random([96, 32], 3),
      down: random([32, 96], 4),
    };
    const half = compile(fn, { name: 'feed-forward', precision: 'bfloat16' });
    const { leaked } = await countLeaks(() => {
      const [given, expected] = [half(inputs, null), fn(inputs)];
      for (const name of Object.keys(expected)) {
        const error = tf.tidy(
          () => tf.div(tf.norm(tf.sub(given[name], expected[name])), tf.norm(expected[name])).dataSync()[0],
        );
        expect(error).toBeLessThan(3e-2);
        expect(error).toBeGreaterThan(1e-5);
      }
      tf.dispose([given, expected]);
    });
    expect(leaked).toBe(0);
    tf.dispose(inputs);
  });
});
