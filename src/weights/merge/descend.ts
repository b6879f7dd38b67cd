import * as tf from '../../engine/tf.js';
import type { NormalEquations } from './disturbance.js';
import { Matrix } from './spectral.js';

export interface Descent {
  steps: number;
  rate: number;
  optimizer: 'adam' | 'sgd';
}

/** Gradient steps from `start` on what the normal equations minimise, in single precision on the engine. The gradient is 2 (t C - D). */
export function descend({ C, D }: NormalEquations, start: Matrix, { steps, rate, optimizer }: Descent): Matrix {
  const result = tf.tidy(() => {
    const [c, d, from] = [C, D, start].map((matrix) => tf.tensor2d(matrix.to1DArray(), [matrix.rows, matrix.columns]));
    let state = {
      t: from as tf.Tensor,
      first: tf.zerosLike(from) as tf.Tensor,
      second: tf.zerosLike(from) as tf.Tensor,
    };
    const step = optimizer === 'adam' ? adam : momentum;
    for (let at = 1; at <= steps; at++) {
      const before = state;
      state = tf.tidy(() => {
        const gradient = tf.mul(tf.sub(tf.matMul(before.t as tf.Tensor2D, c), d), 2);
        return step(before, gradient, rate, at);
      });
      if (at > 1) tf.dispose(before);
    }
    return state.t;
  });
  const values = Array.from(result.dataSync());
  result.dispose();
  return Matrix.from1DArray(start.rows, start.columns, values);
}

type State = { t: tf.Tensor; first: tf.Tensor; second: tf.Tensor };

/** PyTorch's Adam with its defaults. */
function adam({ t, first, second }: State, gradient: tf.Tensor, rate: number, at: number): State {
  const mean = tf.add(tf.mul(first, 0.9), tf.mul(gradient, 0.1));
  const square = tf.add(tf.mul(second, 0.999), tf.mul(tf.square(gradient), 0.001));
  const size = tf.add(tf.sqrt(tf.div(square, 1 - 0.999 ** at)), 1e-8);
  return { t: tf.sub(t, tf.mul(tf.div(tf.div(mean, 1 - 0.9 ** at), size), rate)), first: mean, second: square };
}

/** PyTorch's SGD with momentum 0.9. */
function momentum({ t, first, second }: State, gradient: tf.Tensor, rate: number): State {
  const velocity = tf.add(tf.mul(first, 0.9), gradient);
  return { t: tf.sub(t, tf.mul(velocity, rate)), first: velocity, second: tf.clone(second) };
}
