import { type FlatLayout, flatConstant } from '../../engine/flat-weights.js';
import { type FlatUpdate, updated } from '../../engine/fused-ops.js';
import { norms } from '../../engine/native-ops.js';
import * as tf from '../../engine/tf.js';
import { partOf } from '../../moon/weight-names.js';
import { type OptimizerOption, ratesOption } from './option.js';

/** Constants of AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101). */
export type AdamWOptions = Pick<OptimizerOption, 'beta1' | 'beta2' | 'weightDecay' | 'clip'>;

/** The inputs of an update. Scalars are inputs so that it can be compiled; see `updateScales` and `biasCorrections`. */
export type AdamWInputs = FlatUpdate & {
  /** Factor of the gradient: one over the number of batches over which it was summed. Default 1. */
  fraction?: tf.Scalar;
};

/**
 * One AdamW update on flat tensors, with the gradient clipped by its global norm. A pure function that does not dispose its inputs. Frozen
 * entries (`rates` 0) do not count in the norm.
 */
export function adamW(
  { parameters, gradient, mean, variance, rates, decays, fraction, rate, correction1, correction2 }: AdamWInputs,
  { beta1, beta2, weightDecay, clip }: AdamWOptions,
) {
  return tf.tidy(() => {
    // Scalars are combined first, because every operation on the flat tensors costs one pass over memory.
    const moving = rates.rank ? tf.mul(gradient, tf.cast(tf.greater(rates, 0), 'float32')) : gradient;
    const length = tf.reshape(norms(tf.reshape(moving, [1, -1])), []) as tf.Scalar;
    const norm = fraction ? (tf.mul(length, fraction) as tf.Scalar) : length;
    const shrunk = tf.minimum(1, tf.div(clip, tf.add(norm, 1e-6)));
    const factor = fraction ? tf.mul(shrunk, fraction) : shrunk;
    const scalars = { factor: factor as tf.Scalar, rate, correction1, correction2 };
    const next = updated(
      { parameters, gradient, mean, variance, rates, decays, ...scalars },
      { beta1, beta2, weightDecay },
    );
    if (next) return { ...next, norm };
    const nextMean = tf.add(tf.mul(mean, beta1), tf.mul(moving, tf.mul(factor, 1 - beta1))) as tf.Tensor1D;
    const squared = tf.square(tf.mul(moving, tf.mul(factor, Math.sqrt(1 - beta2))));
    const nextVariance = tf.add(tf.mul(variance, beta2), squared) as tf.Tensor1D;
    const unbiased = tf.sqrt(correction2);
    const spread = tf.add(tf.sqrt(nextVariance), tf.mul(unbiased, 1e-8));
    const stepRates = tf.mul(rates, tf.div(tf.mul(rate, unbiased), correction1));
    const kept = tf.mul(parameters, tf.sub(1, tf.mul(decays, tf.mul(rates, tf.mul(rate, weightDecay)))));
    const nextParameters = tf.sub(kept, tf.mul(tf.div(nextMean, spread), stepRates)) as tf.Tensor1D;
    return { parameters: nextParameters, mean: nextMean, variance: nextVariance, norm };
  });
}

/** The bias corrections of a step, counted from 1. */
export function biasCorrections(step: number, { beta1, beta2 }: Pick<AdamWOptions, 'beta1' | 'beta2'>) {
  return { correction1: tf.scalar(1 - beta1 ** step), correction2: tf.scalar(1 - beta2 ** step) };
}

/** Learning rates of the parts of the model, and weight decay only for matrices and kernels, not for norms, biases or the temperature. */
export function updateScales(
  layout: FlatLayout,
  given: OptimizerOption['rates'],
): Pick<AdamWInputs, 'rates' | 'decays'> {
  const rates = ratesOption(given);
  const alike = Object.values(rates).every((rate) => rate === 1);
  return {
    rates: alike ? tf.scalar(1) : flatConstant(layout, (name) => rates[partOf(name)]),
    decays: flatConstant(layout, (_, shape) => (shape.length > 1 ? 1 : 0)),
  };
}
