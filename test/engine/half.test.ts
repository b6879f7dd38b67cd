import { expect, test } from 'vitest';
import { isPacked, packHalf, roundBfloat16, unpackHalf } from '../../src/engine/half.js';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';

test('a matrix packed in half the memory is the matrix rounded to bfloat16', async () => {
  const values = Float32Array.of(0, -0, 1, -1, 0.1, 1 / 3, 1e30, -1e-30, 3.0078125, 1.00390625, 1.01171875, -2.5);
  const run = () => {
    const weight = tf.tensor2d(values.slice(), [4, 3]);
    const packed = packHalf(weight);
    const again = unpackHalf(packed);
    expect([isPacked(weight), isPacked(packed), isPacked(again)]).toEqual([false, true, false]);
    expect(packed.size).toBe(weight.size / 2);
    expect(again.dataSync()).toEqual(roundBfloat16(values.slice()));
    tf.dispose([weight, packed, again]);
  };
  run();
  expect((await countLeaks(run)).leaked).toBe(0);
});
