import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { swiglu } from '../../../src/backbones/layers/layers.js';
import { compile } from '../../../src/engine/compile/compile.js';
import { BFLOAT16, inHalfPrecision } from '../../../src/engine/compile/half-precision.js';
import { rawBackend } from '../../../src/engine/compile/native-backend.js';
import { record } from '../../../src/engine/compile/recording.js';
import { gated } from '../../../src/engine/fused-ops.js';
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

  test('converts nothing between products and own kernels that alone read them', () => {
    const { binding } = rawBackend();
    const inputs = { x: random([6, 8], 1), gate: random([12, 8], 2), up: random([12, 8], 3), down: random([8, 12], 4) };
    const recording = record('kernels', inputs, ({ x, gate, up, down }) => {
      const [opened, raised] = [
        affine(x as tf.Tensor2D, gate as tf.Tensor2D),
        affine(x as tf.Tensor2D, up as tf.Tensor2D),
      ];
      return { y: affine(gated(opened, raised) as tf.Tensor2D, down as tf.Tensor2D) };
    });
    const { nodes } = inHalfPrecision(recording, binding);
    // In: x and three weights. Out: y.
    expect(nodes.filter((node) => node.kind === 'operation' && node.op === 'Cast')).toHaveLength(5);
    tf.dispose(inputs);
  });

  test('own kernels read and write bfloat16 with the bits of conversions before and after', () => {
    const backend = rawBackend();
    const { binding } = backend;
    const type = (name: string, value: number) => ({ name, type: binding.TF_ATTR_TYPE, value });
    const cast = (id: number, from: number, to: number) =>
      binding.executeOp(
        'Cast',
        [type('SrcT', from), type('DstT', to), { name: 'Truncate', type: binding.TF_ATTR_BOOL, value: false }],
        [id],
        1,
      )[0].id;
    const float = binding.TF_FLOAT;
    const read = (id: number) => valuesOf(backend.createOutputTensor({ id, shape: [], dtype: float }));
    const number = (name: string, value: number) => ({ name, type: binding.TF_ATTR_FLOAT, value });
    const table = [random([10, 16], 7), random([10, 16], 8)];
    // More numbers than are converted at once, and rows that do not divide them.
    const wide = (seed: number) => random([9, 1001], seed);
    const cases: [string, tf.Tensor[], number[], number, ReturnType<typeof number>[]][] = [
      ['MoonRmsNorm', [random([40, 333], 1), random([333], 2)], [], 2, [number('epsilon', 1e-6)]],
      ['MoonSwiglu', [wide(1), wide(2)], [0, 1], 1, []],
      ['MoonSwigluGradient', [wide(1), wide(2), wide(3)], [0, 1, 2], 2, []],
      ['MoonRotate', [random([70, 10, 16], 1), ...table], [0], 1, [number('direction', -1)]],
      ['MoonSoftmax', [wide(1), tf.zeros([0])], [0], 1, [number('shared', 1)]],
      ['MoonSoftmaxGradient', [wide(1), tf.softmax(wide(2))], [0], 1, []],
    ];
    for (const [op, tensors, halves, outputs, attributes] of cases) {
      const ids = backend.getInputTensorIds(tensors);
      const rounded = ids.map((id, at) => (halves.includes(at) ? cast(id, float, BFLOAT16) : id));
      const widened = rounded.map((id, at) => (halves.includes(at) ? cast(id, BFLOAT16, float) : id));
      const types = [...(halves.length ? [type('T', BFLOAT16)] : []), type('U', BFLOAT16)];
      const own = binding.executeOp(op, [...attributes, ...types], rounded, outputs);
      const expected = binding.executeOp(op, attributes, widened, outputs);
      for (const [at, { id, dtype }] of own.entries()) {
        expect(dtype, op).toBe(at < (op === 'MoonSwigluGradient' ? 2 : 1) ? BFLOAT16 : float);
        const wanted =
          dtype === BFLOAT16 ? cast(cast(expected[at].id, float, BFLOAT16), BFLOAT16, float) : expected[at].id;
        expect(read(dtype === BFLOAT16 ? cast(id, BFLOAT16, float) : id), op).toEqual(read(wanted));
      }
    }
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
