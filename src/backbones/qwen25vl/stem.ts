import { UserError } from '../../checks/error.js';
import type { Weights } from '../../engine/flat-weights.js';
import * as tf from '../../engine/tf.js';
import type { ConvolutionalStem } from '../../pictures/tower-option.js';
import { groupNorm } from '../layers/group-norm.js';
import { linear, silu } from '../layers/layers.js';
import { embedStill } from '../layers/still-patches.js';
import type { Grid, VisionConfig } from './config.js';
import { stemStage, visionNames } from './names.js';

/** A batch of images of one size. */
export type ImageInput =
  /** Flattened patches of Qwen's image processor [batch, t * h * w, channels * temporalPatchSize * patchSize ** 2]. */
  | { kind: 'patches'; patches: tf.Tensor3D; grid: Grid }
  /** Normalised still images [batch, height, width, channels]; both sides are multiples of patchSize * mergeSize. */
  | { kind: 'pixels'; pixels: tf.Tensor4D };

/**
 * The patch grid of an input.
 * @throws UserError when the sides are not multiples of patchSize * mergeSize
 */
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

/**
 * Patch embeddings [batch * frames * patches, width]; patches in the order of merge units.
 * @throws UserError for flattened patches and a convolutional stem
 */
export function embedPatches(config: VisionConfig, weights: Weights, input: ImageInput): tf.Tensor2D {
  if (input.kind === 'pixels')
    return config.stem.kind === 'conv'
      ? convolutionalStem(config, config.stem, weights, input.pixels)
      : embedStill(input.pixels, weights[visionNames.patches], undefined, config.mergeSize);
  if (config.stem.kind === 'conv')
    throw new UserError("vision.stem: got 'conv' and flattened patches. Give it pixels, or use the stem 'patch'.");
  const kernel = weights[visionNames.patches];
  const patchWidth = kernel.size / config.width;
  return linear(tf.reshape(input.patches, [-1, patchWidth]), tf.reshape(kernel, [config.width, patchWidth]));
}

/**
 * Convolutions of stride 2 down to the patch grid, then a projection. Unlike a patch embedding it sees edges across patches, and learns
 * from few images.
 */
function convolutionalStem(
  config: VisionConfig,
  stem: ConvolutionalStem,
  weights: Weights,
  pixels: tf.Tensor4D,
): tf.Tensor2D {
  let x = pixels;
  for (let stage = 0; stage < stem.channels.length; stage++) {
    const name = stemStage(stage);
    const kernel = tf.transpose(weights[`${name}conv.weight`], [2, 3, 1, 0]) as tf.Tensor4D;
    const y = tf.conv2d(x, kernel, 2, 'same');
    x = silu(groupNorm(y, weights[`${name}norm.weight`], weights[`${name}norm.bias`]));
  }
  const [batch, rows, columns, depth] = x.shape;
  const { mergeSize } = config;
  const units = tf.reshape(x, [(batch * rows) / mergeSize, mergeSize, columns / mergeSize, mergeSize * depth]);
  const tokens: tf.Tensor2D = tf.reshape(tf.transpose(units, [0, 2, 1, 3]), [-1, depth]);
  return linear(tokens, weights[visionNames.stem.weight], weights[visionNames.stem.bias]);
}
