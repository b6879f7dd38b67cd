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
  const values = weight.dataSync<'float32'>();
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const rounded = (at: number) => (bits[at] + 0x7fff + ((bits[at] >>> 16) & 1)) >>> 16;
  const half = (rows / 2) * columns;
  const packed = Int32Array.from({ length: half }, (_, at) => (rounded(at) << 16) | rounded(half + at));
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
