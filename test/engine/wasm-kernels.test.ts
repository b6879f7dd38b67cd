import { afterAll, describe, expect, test } from 'vitest';
import * as tf from '../../src/engine/tf.js';
import { registerWasmKernels } from '../../src/engine/wasm-kernels.js';
import { expectClose, normal } from '../backbones/close.js';
import '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';

registerWasmKernels();
afterAll(() => tf.setBackend('tensorflow'));

type Strides = number | [number, number];
type Pad = 'same' | 'valid';

/** The gradient of a convolution's filter on an engine, in memory of the native one. */
async function gradient(engine: string, size: [number, number], filter: number[], strides: Strides, pad: Pad) {
  await tf.setBackend(engine);
  const values = tf.tidy(() => {
    const x = normal('x', 2, ...size, filter[2]) as tf.Tensor4D;
    const y = (kernel: tf.Tensor) => tf.conv2d(x, kernel as tf.Tensor4D, strides, pad);
    const kernel = normal('kernel', ...filter);
    return tf
      .grad(y)(kernel, normal('slopes', ...y(kernel).shape))
      .dataSync();
  });
  await tf.setBackend('tensorflow');
  return tf.tensor(values, filter);
}

describe('the gradient of a convolution filter on WASM', () => {
  test.each<[string, [number, number], number[], Strides, Pad]>([
    ['a stage of the stem', [16, 16], [3, 3, 3, 5], 2, 'same'],
    ['odd sides', [7, 10], [3, 3, 2, 4], 2, 'same'],
    ['no padding', [9, 8], [2, 3, 4, 1], [1, 2], 'valid'],
    ['stride 1', [6, 6], [3, 3, 1, 2], 1, 'same'],
    ['single pixels', [5, 4], [1, 1, 3, 2], 3, 'valid'],
  ])('%s: equals the native one', async (_, ...given) => {
    const [ours, truth] = [await gradient('wasm', ...given), await gradient('tensorflow', ...given)];
    expectClose(ours, truth, '', 1e-5);
    tf.dispose([ours, truth]);
  });

  test('leaves no tensors behind', async () => {
    await tf.setBackend('wasm');
    const before = tf.memory().numTensors;
    (await gradient('wasm', [6, 6], [3, 3, 2, 2], 2, 'same')).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
