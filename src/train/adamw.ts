import * as tf from '../engine/tf.js';
import type { FlatLayout } from './flat.js';

/** AdamW (Loshchilov and Hutter 2019) on one flat tensor, with the gradient clipped by its global norm. */
export interface AdamWOptions {
  rate: number;
  beta1: number;
  beta2: number;
  weightDecay: number;
  /** Largest global norm of the gradient. */
  clip: number;
}

export interface AdamWState {
  step: number;
  mean: tf.Tensor1D;
  variance: tf.Tensor1D;
  /** 1 where weight decay applies: matrices and kernels, never norms, biases or the temperature. */
  decays: tf.Tensor1D;
}

export function startAdamW(layout: FlatLayout): AdamWState {
  const total = layout.sizes.reduce((sum, size) => sum + size, 0);
  const decays = new Float32Array(total);
  let start = 0;
  layout.sizes.forEach((size, at) => {
    if (layout.shapes[at].length > 1) decays.fill(1, start, start + size);
    start += size;
  });
  return { step: 0, mean: tf.zeros([total]), variance: tf.zeros([total]), decays: tf.tensor1d(decays) };
}

/** One update. Frees the old parameters and the old state's moments; returns the new parameters and the gradient's norm. */
export function adamW(
  parameters: tf.Tensor1D,
  gradient: tf.Tensor1D,
  state: AdamWState,
  { rate, beta1, beta2, weightDecay, clip }: AdamWOptions,
): { parameters: tf.Tensor1D; norm: tf.Scalar } {
  state.step++;
  const next = tf.tidy(() => {
    const norm = tf.sqrt(tf.sum(tf.square(gradient)));
    const clipped = tf.mul(gradient, tf.minimum(1, tf.div(clip, tf.add(norm, 1e-6))));
    const mean = tf.add(tf.mul(state.mean, beta1), tf.mul(clipped, 1 - beta1)) as tf.Tensor1D;
    const variance = tf.add(tf.mul(state.variance, beta2), tf.mul(tf.square(clipped), 1 - beta2)) as tf.Tensor1D;
    const scale = rate / (1 - beta1 ** state.step);
    const spread = tf.add(tf.sqrt(tf.div(variance, 1 - beta2 ** state.step)), 1e-8);
    const kept = tf.mul(parameters, tf.sub(1, tf.mul(state.decays, rate * weightDecay)));
    return {
      parameters: tf.sub(kept, tf.mul(tf.div(mean, spread), scale)) as tf.Tensor1D,
      mean,
      variance,
      norm: norm as tf.Scalar,
    };
  });
  tf.dispose([parameters, state.mean, state.variance]);
  Object.assign(state, { mean: next.mean, variance: next.variance });
  return { parameters: next.parameters, norm: next.norm };
}

/** Linear warm-up, then a cosine to 1% of the peak. */
export function learningRate(step: number, steps: number, peak: number, warmUp: number): number {
  if (step < warmUp) return (peak * (step + 1)) / warmUp;
  const done = (step - warmUp) / Math.max(1, steps - warmUp);
  return peak * (0.01 + 0.99 * 0.5 * (1 + Math.cos(Math.PI * done)));
}
