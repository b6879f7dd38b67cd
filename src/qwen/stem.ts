import { assert, UserError } from '../engine/check.js';
import * as tf from '../engine/tf.js';
import type { Grid, VisionConfig } from './config.js';
import { silu } from './layers.js';
import type { Weights } from './weights.js';

/** Images of one size. */
export type ImageInput =
  /** Qwen's flattened patches [batch, t * h * w, channels * temporalPatchSize * patchSize ** 2], as its image processor gives them. */
  | { kind: 'patches'; patches: tf.Tensor3D; grid: Grid }
  /** Normalised still images [batch, height, width, channels]; both sides are multiples of patchSize * mergeSize. */
  | { kind: 'pixels'; pixels: tf.Tensor4D };

/** The grid of patches of an input. */
export function gridOf(config: VisionConfig, input: ImageInput): Grid {
  if (input.kind === 'patches') return input.grid;
  const [, height, width] = input.pixels.shape;
  const step = config.patchSize * config.mergeSize;
  if (height % step || width % step)
    throw new UserError(
      `pixels: got images of ${width} x ${height}, expected sides that are multiples of ${step}. Resize them first.`,
    );
  return { t: 1, h: height / config.patchSize, w: width / config.patchSize };
}

/** First tokens [batch * frames * patches, width] of images, patches in the order of merge units. */
export function embedPatches(config: VisionConfig, weights: Weights, input: ImageInput): tf.Tensor2D {
  if (input.kind === 'pixels')
    return config.stem.kind === 'conv'
      ? convolutionalStem(config, config.stem.channels, weights, input.pixels)
      : embedPixels(config, weights, input.pixels);
  if (config.stem.kind === 'conv')
    throw new UserError("vision.stem: got 'conv' and flattened patches. Give it pixels, or use the stem 'patch'.");
  const kernel = weights['visual.patch_embed.proj.weight'];
  const patchWidth = kernel.size / config.width;
  return tf.matMul(
    tf.reshape(input.patches, [-1, patchWidth]) as tf.Tensor2D,
    tf.reshape(kernel, [config.width, patchWidth]) as tf.Tensor2D,
    false,
    true,
  );
}

/** The same as flattened patches of the repeated frame: the kernel's frames are added up instead. */
function embedPixels(config: VisionConfig, weights: Weights, pixels: tf.Tensor4D): tf.Tensor2D {
  const { patchSize, mergeSize, channels, width } = config;
  const [batch, rows, columns] = pixels.shape;
  const units = tf.reshape(pixels, [
    (batch * rows) / (mergeSize * patchSize),
    mergeSize,
    patchSize,
    columns / (mergeSize * patchSize),
    mergeSize,
    patchSize * channels,
  ]);
  const patchWidth = patchSize * patchSize * channels;
  const patches = tf.reshape(tf.transpose(units, [0, 3, 1, 4, 2, 5]), [-1, patchWidth]);
  const frames = tf.unstack(weights['visual.patch_embed.proj.weight'], 2);
  assert(frames.length === config.temporalPatchSize, 'the patch kernel spans temporalPatchSize frames');
  const kernel = tf.reshape(tf.transpose(tf.addN(frames), [0, 2, 3, 1]), [width, patchWidth]);
  return tf.matMul(patches as tf.Tensor2D, kernel as tf.Tensor2D, false, true);
}

/** Convolutions of stride 2 down to the grid of patches, then a projection: sees edges across patches, learns from few images. */
function convolutionalStem(
  config: VisionConfig,
  channels: number[],
  weights: Weights,
  pixels: tf.Tensor4D,
): tf.Tensor2D {
  let x = pixels;
  for (let i = 0; i < channels.length; i++) {
    const kernel = tf.transpose(weights[`visual.stem.${i}.conv.weight`], [2, 3, 1, 0]) as tf.Tensor4D;
    const y = tf.conv2d(x, kernel, 2, 'same');
    x = silu(groupNorm(y, weights[`visual.stem.${i}.norm.weight`], weights[`visual.stem.${i}.norm.bias`]));
  }
  const [batch, rows, columns, depth] = x.shape;
  const { mergeSize } = config;
  const units = tf.reshape(x, [(batch * rows) / mergeSize, mergeSize, columns / mergeSize, mergeSize * depth]);
  const tokens = tf.reshape(tf.transpose(units, [0, 2, 1, 3]), [-1, depth]) as tf.Tensor2D;
  const projection = weights['visual.stem.proj.weight'] as tf.Tensor2D;
  return tf.add(tf.matMul(tokens, projection, false, true), weights['visual.stem.proj.bias']);
}

/** Channels that share one mean and variance in the stem's group norm. */
const groupWidth = 8;

/**
 * Group norm of `x` [batch, rows, columns, channels] (Wu and He, arXiv 1803.08494); one operation with its own gradient, of few
 * passes over the image: the statistics are sums by channel, joined by group when they are small.
 */
export function groupNorm(x: tf.Tensor4D, gain: tf.Tensor, bias: tf.Tensor): tf.Tensor4D {
  const [batch, rows, columns, channels] = x.shape;
  const places = rows * columns;
  const groups = channels % groupWidth === 0 ? channels / groupWidth : 1;
  const count = (places * channels) / groups;
  const byPlace = [batch, places, channels];
  /** Sums by channel [batch, 1, channels] -> mean of their group, for each channel. */
  const groupMean = (sums: tf.Tensor) => {
    const mean = tf.div(tf.sum(tf.reshape(sums, [batch, groups, channels / groups]), 2, true), count);
    return tf.reshape(tf.tile(mean, [1, 1, channels / groups]), [batch, 1, channels]);
  };
  const normalise = tf.customGrad((input, gainInput, biasInput, save) => {
    const flat = tf.reshape(input as tf.Tensor, byPlace);
    const mean = groupMean(tf.sum(flat, 1, true));
    const spread = tf.sub(groupMean(tf.sum(tf.square(flat), 1, true)), tf.square(mean));
    const scale = tf.rsqrt(tf.add(tf.relu(spread), 1e-5));
    const factor = tf.mul(scale, gainInput as tf.Tensor);
    (save as tf.GradSaveFunc)([flat, mean, scale, gainInput as tf.Tensor]);
    const value = tf.add(tf.mul(flat, factor), tf.sub(biasInput as tf.Tensor, tf.mul(mean, factor)));
    return {
      value: tf.reshape(value, x.shape),
      gradFunc: (dy, saved) => {
        const [flat, mean, scale, gain] = saved;
        const flatDy = tf.reshape(dy, byPlace);
        const sumDy = tf.sum(flatDy, 1, true);
        const sumDyNormed = tf.mul(tf.sub(tf.sum(tf.mul(flatDy, flat), 1, true), tf.mul(sumDy, mean)), scale);
        const slope = tf.mul(tf.square(scale), groupMean(tf.mul(sumDyNormed, gain)));
        const shift = tf.sub(tf.mul(slope, mean), tf.mul(scale, groupMean(tf.mul(sumDy, gain))));
        const dx = tf.add(tf.sub(tf.mul(flatDy, tf.mul(scale, gain)), tf.mul(flat, slope)), shift);
        return [tf.reshape(dx, x.shape), tf.sum(sumDyNormed, [0, 1]), tf.sum(sumDy, [0, 1])];
      },
    };
  });
  return normalise(x, gain, bias) as tf.Tensor4D;
}
