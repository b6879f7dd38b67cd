import { inspect } from 'node:util';
import { UserError } from '../checks/error.js';
import * as tf from '../engine/tf.js';

/** Numbers of a tensor that are printed. */
const shown = 8;

function tensorSummary(tensor: tf.Tensor): string {
  const head = `Tensor ${tensor.dtype} [${tensor.shape.join(', ')}]`;
  if (tensor.isDisposed) return `${head}, disposed`;
  const first = tf.tidy(() => tf.slice(tf.reshape(tensor, [-1]), 0, Math.min(shown, tensor.size)).dataSync());
  const numbers = Array.from(first, (value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value));
  return `${head} ${numbers.join(' ')}${tensor.size > shown ? ' ...' : ''}`;
}

/** Tensors print their shape and first numbers, and a user's mistake its sentence without the stack. */
export function summariseClasses(): void {
  Object.defineProperty(tf.Tensor.prototype, inspect.custom, {
    value(this: tf.Tensor) {
      return tensorSummary(this);
    },
    configurable: true,
  });
  Object.defineProperty(UserError.prototype, inspect.custom, {
    value(this: UserError) {
      return `${this.name}: ${this.message}`;
    },
    configurable: true,
  });
}
