import { assert } from '../../checks/error.js';
import * as tf from '../../engine/tf.js';
import type { Family } from '../family.js';
import { qwenPositions } from '../qwen25vl/family.js';
import { canonicalName } from '../qwen25vl/names.js';
import { parseQwen3Config, type Qwen3Config } from './config.js';
import { encodeImage } from './vision.js';
import { weightShapes } from './weight-shapes.js';

export const qwen3vl: Family<Qwen3Config> = {
  name: 'Qwen3-VL',
  modelTypes: ['qwen3_vl'],
  imageToken: '<|image_pad|>',
  parseConfig: parseQwen3Config,
  weightShapes,
  canonicalName,
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
};
