import { gated, gatedGradient, normalised, normalisedGradient } from '../../engine/fused-ops.js';
import { affine, sigmoidGradient, statelessUniform } from '../../engine/native-ops.js';
import * as tf from '../../engine/tf.js';

/**
 * Linear layer: [rows, in] times `weight` [out, in] transposed, plus `bias` [out] -> [rows, out].
 * @param precision `float32` for the few whose result decides something, a router's (`affine`)
 */
export function linear(
  x: tf.Tensor2D,
  weight: tf.Tensor,
  bias?: tf.Tensor,
  precision?: 'half' | 'float32',
): tf.Tensor2D {
  return affine(x, weight as tf.Tensor2D, bias as tf.Tensor1D | undefined, precision);
}

/** RMS norm over the last axis of `x` [rows, width]: x / rms(x) * weight, as one operation with a custom gradient. */
export function rmsNorm(x: tf.Tensor2D, weight: tf.Tensor, epsilon: number): tf.Tensor2D {
  const normalise = tf.customGrad((input, gain, save) => {
    const { value, scale } = normalised(input as tf.Tensor2D, gain as tf.Tensor, epsilon);
    (save as tf.GradSaveFunc)([input as tf.Tensor, scale, gain as tf.Tensor]);
    return { value, gradFunc: (dy, saved) => normalisedGradient(dy, saved) };
  });
  return normalise(x, weight) as tf.Tensor2D;
}

/** silu(gate) * up, of equal shapes, as one operation with a custom gradient. */
export function swiglu<T extends tf.Tensor>(gate: T, up: T): T {
  const combine = tf.customGrad((gateInput, upInput, save) => {
    const both = [gateInput, upInput] as tf.Tensor[];
    (save as tf.GradSaveFunc)(both);
    return { value: gated(both[0], both[1]), gradFunc: (dy, saved) => gatedGradient(dy, saved) };
  });
  return combine(gate, up) as T;
}

/** x * sigmoid(x), as one operation with a custom gradient. */
export function silu<T extends tf.Tensor>(x: T): T {
  const activate = tf.customGrad((input, save) => {
    const open = tf.sigmoid(input as tf.Tensor);
    (save as tf.GradSaveFunc)([input as tf.Tensor, open]);
    return {
      value: tf.mul(input as tf.Tensor, open),
      gradFunc: (dy, [input, open]) => tf.mul(dy, tf.add(open, sigmoidGradient(open, input))),
    };
  });
  return activate(x) as T;
}

/** The exact GELU with erf, as one operation with a custom gradient. */
export function gelu<T extends tf.Tensor>(x: T): T {
  const cdf = (value: tf.Tensor) => tf.mul(tf.add(tf.erf(tf.mul(value, Math.SQRT1_2)), 1), 0.5);
  const activate = tf.customGrad((input, save) => {
    (save as tf.GradSaveFunc)([input as tf.Tensor]);
    return {
      value: tf.mul(input as tf.Tensor, cdf(input as tf.Tensor)),
      gradFunc: (dy, saved) => {
        const density = tf.mul(tf.exp(tf.mul(tf.square(saved[0]), -0.5)), 1 / Math.sqrt(2 * Math.PI));
        return tf.mul(dy, tf.add(cdf(saved[0]), tf.mul(saved[0], density)));
      },
    };
  });
  return activate(x) as T;
}

/** Dropout of one forward pass. `seed` [2] (int32) decides which entries are dropped, so the same seed repeats the same pass. */
export interface Dropout {
  /** Fraction of entries set to zero; the others are scaled by 1 / (1 - rate). */
  rate: number;
  seed: tf.Tensor1D;
}

/** Apply dropout to `x`. `site` numbers the layer, so that no two layers share a pattern. */
export function drop<T extends tf.Tensor>(x: T, dropout: Dropout | undefined, site: number): T {
  if (!dropout || dropout.rate === 0) return x;
  const seed = tf.add(dropout.seed, tf.tensor1d([0, site], 'int32')) as tf.Tensor1D;
  const kept = tf.greaterEqual(statelessUniform(x.shape, seed), dropout.rate);
  return tf.mul(x, tf.div(tf.cast(kept, 'float32'), 1 - dropout.rate));
}

/** Layer norm over the last axis of `x` [rows, width]: (x - mean) / deviation * weight + bias, as one operation with a custom gradient. */
export function layerNorm(x: tf.Tensor2D, weight: tf.Tensor, bias: tf.Tensor, epsilon: number): tf.Tensor2D {
  const normalise = tf.customGrad((input, gain, shift, save) => {
    const centred = tf.sub(input as tf.Tensor, tf.mean(input as tf.Tensor, 1, true));
    const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), epsilon));
    const normed = tf.mul(centred, scale);
    (save as tf.GradSaveFunc)([normed, scale, gain as tf.Tensor]);
    return {
      value: tf.add(tf.mul(normed, gain as tf.Tensor), shift as tf.Tensor),
      gradFunc: (dy, [normed, scale, gain]) => {
        const slope = tf.mul(dy, gain);
        const along = tf.mean(tf.mul(slope, normed), 1, true);
        const dx = tf.mul(tf.sub(tf.sub(slope, tf.mean(slope, 1, true)), tf.mul(normed, along)), scale);
        return [dx, tf.sum(tf.mul(dy, normed), 0), tf.sum(dy, 0)];
      },
    };
  });
  return normalise(x, weight, bias) as tf.Tensor2D;
}

/** GELU with the hyperbolic tangent (`gelu_pytorch_tanh`), as one operation with a custom gradient. */
export function geluTanh<T extends tf.Tensor>(x: T): T {
  const factor = Math.sqrt(2 / Math.PI);
  const activate = tf.customGrad((input, save) => {
    const given = input as tf.Tensor;
    const bent = tf.tanh(tf.mul(tf.mul(given, tf.add(tf.mul(tf.square(given), 0.044715), 1)), factor));
    (save as tf.GradSaveFunc)([given, bent]);
    return {
      value: tf.mul(tf.mul(given, 0.5), tf.add(bent, 1)),
      gradFunc: (dy, [given, bent]) => {
        const inner = tf.mul(tf.add(tf.mul(tf.square(given), 3 * 0.044715), 1), factor);
        const bend = tf.mul(tf.mul(given, tf.sub(1, tf.square(bent))), inner);
        return tf.mul(dy, tf.mul(tf.add(tf.add(bent, 1), bend), 0.5));
      },
    };
  });
  return activate(x) as T;
}
