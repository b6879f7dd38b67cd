import { assert } from '../checks/error.js';
import { nativeBackend, typeAttribute } from './native-ops.js';
import * as tf from './tf.js';

/**
 * Matrices in half the memory: two bfloat16 numbers in each int32, the upper half of the rows in the high bits. The engine knows no tensors
 * of bfloat16, so they are unpacked where they are used.
 */

/** Whether a tensor is such a matrix. Weights are float32 otherwise. */
export const isPacked = (weight: tf.Tensor): boolean => weight.dtype === 'int32';

/** Pack a matrix of an even number of rows, each number rounded to the nearest bfloat16, ties to even. Reads it on the host. */
export function packHalf(weight: tf.Tensor2D): tf.Tensor2D {
  const [rows, columns] = weight.shape;
  assert(rows % 2 === 0, 'packed matrices have an even number of rows');
  const bits = new Uint32Array(roundBfloat16(weight.dataSync<'float32'>().slice()).buffer);
  const half = (rows / 2) * columns;
  const packed = Int32Array.from({ length: half }, (_, at) => bits[at] | (bits[half + at] >>> 16));
  return tf.tensor2d(packed, [rows / 2, columns], 'int32');
}

/** The float32 matrix of a packed one; no gradient. Native engine only. */
export function unpackHalf(packed: tf.Tensor2D): tf.Tensor2D {
  const native = nativeBackend();
  assert(native, 'packed matrices are of the native engine');
  const whole = (op: string, other: number) =>
    native.executeSingleOutput(op, [typeAttribute(native, 'T', 'int32')], [packed, tf.scalar(other, 'int32')]);
  const asFloats = (bits: tf.Tensor) =>
    native.executeSingleOutput(
      'Bitcast',
      [typeAttribute(native, 'T', 'int32'), typeAttribute(native, 'type', 'float32')],
      [bits],
    );
  return tf.tidy(
    () => tf.concat([asFloats(whole('BitwiseAnd', -65536)), asFloats(whole('LeftShift', 16))], 0) as tf.Tensor2D,
  );
}

/** Round float32 values to bfloat16 in place. A bfloat16 is the upper half of a float32. Infinities and NaN stay as they are. */
export function roundBfloat16(values: Float32Array): Float32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let at = 0; at < bits.length; at++) {
    if (Number.isNaN(values[at])) continue;
    const even = (bits[at] >>> 16) & 1;
    bits[at] = (bits[at] + 0x7fff + even) & 0xffff0000;
  }
  return values;
}
