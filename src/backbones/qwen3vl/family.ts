import { assert } from '../../checks/error.js';
import * as tf from '../../engine/tf.js';
import type { Family } from '../family.js';
import { qwenMarks } from '../layers/image-marks.js';
import { centred, loadNormalisation } from '../layers/normalisation.js';
import { qwenPositions } from '../qwen25vl/family.js';
import { loadImageProcessor } from '../qwen25vl/image-processor.js';
import { canonicalName, moduleName } from '../qwen25vl/names.js';
import { parseQwen3Config, type Qwen3Config, qwen3ToJson } from './config.js';
import { encodeImage, encodeSized, encodeStill } from './vision.js';
import { weightShapes } from './weight-shapes.js';

export const qwen3vl: Family<Qwen3Config> = {
  name: 'Qwen3-VL',
  modelTypes: ['qwen3_vl'],
  marks: qwenMarks,
  learnedTokens: ({ imageTokenId }) => ({ [qwenMarks.piece]: imageTokenId }),
  positionsOfImages: 'grid',
  parseConfig: parseQwen3Config,
  configToJson: qwen3ToJson,
  weightShapes,
  canonicalName,
  moduleName,
  encodeImages({ vision }, weights, images) {
    const encoded = images.map((image) => {
      assert(image.kind === 'patches', 'Qwen3-VL takes flattened patches');
      const { t, h, w } = image.grid;
      const patches = tf.tensor2d(image.patches, [t * h * w, image.patches.length / (t * h * w)]);
      const output = encodeImage(vision, weights, patches, image.grid);
      patches.dispose();
      return output;
    });
    const joined = {
      features: tf.concat(encoded.map(({ tokens }) => tokens)),
      deepstack: vision.deepstackBlocks.map((_, index) => tf.concat(encoded.map(({ deepstack }) => deepstack[index]))),
    };
    tf.dispose(encoded.map(({ tokens, deepstack }) => [tokens, deepstack]));
    return joined;
  },
  positions: ({ imageTokenId, vision }, ids, images) =>
    qwenPositions({ imageTokenId, mergeSize: vision.mergeSize }, ids, images),
  still: {
    tower: ({ vision }) => vision,
    withDepth({ vision, ...config }, depth) {
      const deepstackBlocks = vision.deepstackBlocks.filter((block) => block < depth);
      return { ...config, vision: { ...vision, depth, deepstackBlocks } };
    },
    encode({ vision }, weights, pixels, options) {
      const { tokens, deepstack } = encodeStill(vision, weights, pixels, options);
      return { features: tokens, deepstack };
    },
    encodeSized({ vision }, weights, images, options) {
      const { tokens, deepstack } = encodeSized(vision, weights, images, options);
      return { features: tokens, deepstack };
    },
    normalisation: (dir) => loadNormalisation(dir, loadImageProcessor, centred),
  },
};
