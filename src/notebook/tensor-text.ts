import * as tf from '../engine/tf.js';

/** How many numbers of a tensor are printed. */
const shown = 8;

/** Type, shape and first values of a tensor: `Tensor float32 [5, 2] 1.235 2 3 ...`. Reads these values synchronously. */
export function tensorText(tensor: tf.Tensor): string {
  const head = `Tensor ${tensor.dtype} [${tensor.shape.join(', ')}]`;
  if (tensor.isDisposed) return `${head}, disposed`;
  const first = tf.tidy(() => tf.slice(tf.reshape(tensor, [-1]), 0, Math.min(shown, tensor.size)).dataSync());
  const numbers = Array.from(first, (value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value));
  return `${head} ${numbers.join(' ')}${tensor.size > shown ? ' ...' : ''}`;
}
