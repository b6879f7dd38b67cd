import { assert, UserError } from '../../checks/error.js';
import * as tf from '../../engine/tf.js';
import type { Family } from '../family.js';
import { linearPositions } from '../layers/linear-positions.js';
import { centred, loadNormalisation } from '../layers/normalisation.js';
import { parseSmolConfig, type SmolConfig, smolToJson } from './config.js';
import { loadTileProcessor } from './image-processor.js';
import { canonicalName, moduleName } from './names.js';
import { encodeTiles } from './vision.js';
import { weightShapes } from './weight-shapes.js';

const AROUND = '<fake_token_around_image>';

export const smolvlm: Family<SmolConfig> = {
  name: 'SmolVLM / Idefics3',
  modelTypes: ['idefics3', 'smolvlm'],
  marks: { before: [AROUND, '<global-img>'], piece: '<image>', after: [AROUND] },
  learnedTokens: ({ imageTokenId }) => ({ '<image>': imageTokenId }),
  positionsOfImages: 'linear',
  parseConfig: parseSmolConfig,
  configToJson: smolToJson,
  weightShapes,
  canonicalName,
  moduleName,
  encodeImages(config, weights, images) {
    const { patchSize } = config.vision;
    const tiles = images.map((image) => {
      assert(image.kind === 'tile', 'Idefics3 takes tiles');
      const [rows, columns] = [image.height, image.width].map((pixels) => Math.ceil(pixels / patchSize));
      return { pixels: image.pixels, side: image.side, rows, columns };
    });
    return {
      features: tf.tidy(() => {
        const pixels = tf.concat(tiles.map(({ pixels, side }) => tf.tensor4d(pixels, [1, side, side, 3])));
        return encodeTiles(config, weights, pixels, { shown: tiles });
      }),
    };
  },
  positions({ imageTokenId, vision, scaleFactor }, ids, images) {
    const tokens = images.length * (vision.imageSize / vision.patchSize / scaleFactor) ** 2;
    const shown = ids.filter((id) => id === imageTokenId).length;
    if (shown !== tokens)
      throw new UserError(
        `image tokens: got ${shown} for ${images.length} tiles, expected ${tokens}. Expand the placeholders.`,
      );
    return linearPositions(ids.length);
  },
  still: {
    tower: ({ vision, scaleFactor }) => ({ ...vision, mergeSize: scaleFactor, maxSide: vision.imageSize }),
    withDepth: (config, depth) => ({ ...config, vision: { ...config.vision, depth } }),
    encode: (config, weights, pixels, options) => ({ features: encodeTiles(config, weights, pixels, options) }),
    normalisation: (dir) => loadNormalisation(dir, loadTileProcessor, centred),
  },
};
