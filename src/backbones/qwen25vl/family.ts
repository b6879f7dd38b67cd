import { assert } from '../../checks/error.js';
import * as tf from '../../engine/tf.js';
import type { Family, PromptPositions } from '../family.js';
import { qwenMarks } from '../layers/image-marks.js';
import { loadNormalisation } from '../layers/normalisation.js';
import type { PromptImage } from '../prompt-image.js';
import type { Grid, QwenConfig } from './config.js';
import { configToJson, parseConfig } from './config-file.js';
import { loadImageProcessor, publishedImageProcessor } from './image-processor.js';
import { canonicalName, moduleName } from './names.js';
import { ropeIndex } from './positions.js';
import { encodeSized } from './sized-vision.js';
import { encodeImages } from './vision.js';
import { weightShapes } from './weight-shapes.js';

/** The grid of an image of Qwen's processor. */
export function gridOfImage(image: PromptImage): Grid {
  assert(image.kind !== 'tile', "an image of Qwen's processor has a grid of patches");
  return image.grid;
}

/** Multimodal positions of one prompt; Qwen3-VL has the same for images. */
export function qwenPositions(
  { imageTokenId, mergeSize }: { imageTokenId: number; mergeSize: number },
  ids: readonly number[],
  images: readonly PromptImage[],
): PromptPositions {
  const { positions, next } = ropeIndex([{ ids, grids: images.map(gridOfImage) }], { imageTokenId, mergeSize });
  return { positions, next: next[0] };
}

export const qwen25vl: Family<QwenConfig> = {
  name: 'Qwen2.5-VL',
  modelTypes: ['qwen2_5_vl'],
  marks: qwenMarks,
  learnedTokens: ({ imageTokenId, visionStartTokenId, visionEndTokenId }) => ({
    [qwenMarks.before[0]]: visionStartTokenId,
    [qwenMarks.piece]: imageTokenId,
    [qwenMarks.after[0]]: visionEndTokenId,
  }),
  positionsOfImages: 'grid',
  parseConfig,
  configToJson,
  weightShapes,
  canonicalName,
  moduleName,
  // The hub's original scheme, which every version of transformers reads.
  fileName: (name) => name,
  encodeImages: ({ vision }, weights, images) => ({
    features: tf.tidy(() => tf.concat(images.map((image) => encodeOne(vision, weights, image))) as tf.Tensor2D),
  }),
  positions: ({ imageTokenId, vision }, ids, images) =>
    qwenPositions({ imageTokenId, mergeSize: vision.mergeSize }, ids, images),
  still: {
    tower: ({ vision }) => vision,
    withDepth: (config, depth) => ({ ...config, vision: { ...config.vision, depth } }),
    encode({ vision }, weights, pixels, options) {
      const { tokens } = encodeImages(vision, weights, { kind: 'pixels', pixels }, options);
      return { features: tf.reshape(tokens, [-1, vision.outWidth]) };
    },
    encodeSized: ({ vision }, weights, images, options) => ({
      features: encodeSized(vision, weights, images, options),
    }),
    normalisation: (dir) => loadNormalisation(dir, loadImageProcessor, publishedImageProcessor),
  },
};

/** Encode one image to [tokens, width]. */
function encodeOne(
  vision: QwenConfig['vision'],
  weights: Parameters<typeof encodeImages>[1],
  image: PromptImage,
): tf.Tensor2D {
  const grid = gridOfImage(image);
  const { patchSize, channels } = vision;
  if (image.kind === 'pixels') {
    assert(grid.t === 1, 'pixels are those of a still image');
    const pixels = tf.tensor4d(image.pixels, [1, grid.h * patchSize, grid.w * patchSize, channels]);
    return tf.squeeze(encodeImages(vision, weights, { kind: 'pixels', pixels }).tokens, [0]);
  }
  assert(image.kind === 'patches', 'the image is flattened patches');
  const count = grid.t * grid.h * grid.w;
  const patches = tf.tensor3d(image.patches, [1, count, image.patches.length / count]);
  return tf.squeeze(encodeImages(vision, weights, { kind: 'patches', patches, grid }).tokens, [0]);
}
