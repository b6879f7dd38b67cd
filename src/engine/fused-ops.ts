import { type NativeBackend, rawBackend } from './compile/native-backend.js';
import { hasKernels } from './native.js';
import { nativeBackend, norms, sigmoidGradient } from './native-ops.js';
import * as tf from './tf.js';

/**
 * Operations of a training step and their gradients, each in one pass over memory by an own kernel (`setup/kernels.cc`), and in plain operations where
 * there are none: on other engines, or with MOON_KERNELS=off. Both compute the same up to rounding. None has a gradient of its own; custom gradients
 * are made of them.
 */

/** The engine, if it has the kernels. */
const fused = (): NativeBackend | undefined => (nativeBackend() && hasKernels() ? rawBackend() : undefined);

function run(
  native: NativeBackend,
  op: string,
  inputs: readonly tf.Tensor[],
  { outputs = 1, attributes = {} }: { outputs?: number; attributes?: Record<string, number> } = {},
): tf.Tensor[] {
  const type = native.binding.TF_ATTR_FLOAT;
  const given = Object.entries(attributes).map(([name, value]) => ({ name, type, value }));
  const made = native.binding.executeOp(op, given, native.getInputTensorIds(inputs), outputs);
  return made.map((each) => native.createOutputTensor(each));
}

/** RMS norm over the last axis of `x` [rows, width]: x / rms(x) * gain [width]; and `scale` [rows, 1], which is 1 / rms(x). */
export function normalised(
  x: tf.Tensor2D,
  gain: tf.Tensor,
  epsilon: number,
): { value: tf.Tensor2D; scale: tf.Tensor2D } {
  const native = fused();
  if (native) {
    const [value, scale] = run(native, 'MoonRmsNorm', [x, gain], { outputs: 2, attributes: { epsilon } });
    return { value: value as tf.Tensor2D, scale: scale as tf.Tensor2D };
  }
  const scale = tf.rsqrt(tf.add(tf.div(tf.square(norms(x)), x.shape[1]), epsilon)) as tf.Tensor2D;
  return { value: tf.mul(tf.mul(x, scale), gain), scale };
}

/** Gradients of `normalised` for `x` and for the gain. */
export function normalisedGradient(dy: tf.Tensor, [x, scale, gain]: readonly tf.Tensor[]): [tf.Tensor, tf.Tensor] {
  const native = fused();
  if (native) return run(native, 'MoonRmsNormGradient', [dy, x, scale, gain], { outputs: 2 }) as [tf.Tensor, tf.Tensor];
  const width = gain.size;
  const normed = tf.mul(x, scale);
  const dGain = tf.mul(dy, normed) as tf.Tensor2D;
  const along = tf.div(tf.matMul(dGain, tf.reshape(gain, [width, 1])), width);
  return [tf.mul(tf.sub(tf.mul(dy, gain), tf.mul(normed, along)), scale), tf.sum(dGain, 0)];
}

/** silu(gate) * up, of equal shapes. */
export function gated(gate: tf.Tensor, up: tf.Tensor): tf.Tensor {
  const native = fused();
  if (native) return run(native, 'MoonSwiglu', [gate, up])[0];
  return tf.mul(tf.mul(gate, tf.sigmoid(gate)), up);
}

/** Gradients of `gated` for the gate and for `up`. */
export function gatedGradient(dy: tf.Tensor, [gate, up]: readonly tf.Tensor[]): [tf.Tensor, tf.Tensor] {
  const native = fused();
  if (native) return run(native, 'MoonSwigluGradient', [dy, gate, up], { outputs: 2 }) as [tf.Tensor, tf.Tensor];
  const open = tf.sigmoid(gate);
  return [tf.mul(tf.mul(dy, up), tf.add(open, sigmoidGradient(open, gate))), tf.mul(dy, tf.mul(gate, open))];
}

/**
 * Softmax over the last axis of `scores`, with a finite mask added before.
 * @param mask of a shape that can be broadcast to that of the scores
 */
export function maskedSoftmax<T extends tf.Tensor>(scores: T, mask?: tf.Tensor): T {
  const native = fused();
  const shared = mask ? rowsOfMask(mask.shape, scores.shape) : 1;
  if (native && shared)
    return run(native, 'MoonSoftmax', [scores, mask ?? tf.zeros([0])], { attributes: { shared } })[0] as T;
  return tf.softmax(mask ? (tf.add(scores, mask) as T) : scores);
}

/** How many rows of scores, one after another, read one row of a mask that is repeated for the others; undefined for any other mask. */
function rowsOfMask(mask: readonly number[], scores: readonly number[]): number | undefined {
  const queries = scores.at(-2)!;
  const shared = mask.length > 1 && mask.at(-2) === 1 ? queries : 1;
  const full = mask.with(-2, shared === 1 ? (mask.at(-2) ?? 1) : queries);
  const own = full.slice(full.findIndex((side) => side !== 1));
  return own.every((side, at) => side === scores[scores.length - own.length + at]) ? shared : undefined;
}

/**
 * Gradient of a softmax over the last axis of `y` for its scores.
 * @param along sum of dy * y over that axis, kept as an axis of size 1, for where it has to be computed apart
 */
export function softmaxGradient(dy: tf.Tensor, y: tf.Tensor, along: () => tf.Tensor): tf.Tensor {
  const native = fused();
  if (native) return run(native, 'MoonSoftmaxGradient', [dy, y])[0];
  return tf.mul(y, tf.sub(dy, along()));
}

/**
 * Turn the halves (a, b) of each row of `x` by angles: (a cos - b sin, b cos + a sin); `back` is its gradient. Undefined without the kernel.
 * @param x of any shape, as copies of the table's rows one after another
 * @param cosines [rows, width]; `sines` has the same shape
 */
export function turned<T extends tf.Tensor>(x: T, cosines: tf.Tensor, sines: tf.Tensor, back = false): T | undefined {
  const native = fused();
  const attributes = { direction: back ? -1 : 1 };
  return native && (run(native, 'MoonRotate', [x, cosines, sines], { attributes })[0] as T);
}

/** The flat tensors of an AdamW update, and the scalars that change between steps. */
export type FlatUpdate = {
  parameters: tf.Tensor1D;
  gradient: tf.Tensor1D;
  /** Running means of the gradient and of its square; zero at the start. */
  mean: tf.Tensor1D;
  variance: tf.Tensor1D;
  /** Learning rate of every entry as a multiple of `rate` (or a scalar for all entries), and whether weight decay applies. */
  rates: tf.Tensor1D | tf.Scalar;
  decays: tf.Tensor1D;
  rate: tf.Scalar;
  /** 1 - beta ^ step for both betas, step counted from 1. */
  correction1: tf.Scalar;
  correction2: tf.Scalar;
};

/**
 * The next parameters, mean and variance of an AdamW update; `factor` is that of the gradient, by which it is clipped and averaged. Undefined
 * without the kernel.
 */
export function updated(
  {
    parameters,
    gradient,
    mean,
    variance,
    rates,
    decays,
    factor,
    rate,
    correction1,
    correction2,
  }: FlatUpdate & { factor: tf.Scalar },
  { beta1, beta2, weightDecay }: { beta1: number; beta2: number; weightDecay: number },
): Record<'parameters' | 'mean' | 'variance', tf.Tensor1D> | undefined {
  const native = fused();
  if (!native) return undefined;
  const given = [parameters, gradient, mean, variance, rates, decays, factor, rate, correction1, correction2];
  const attributes = { beta1, beta2, weight_decay: weightDecay };
  const [next, nextMean, nextVariance] = run(native, 'MoonAdamW', given, { outputs: 3, attributes }) as tf.Tensor1D[];
  return { parameters: next, mean: nextMean, variance: nextVariance };
}
