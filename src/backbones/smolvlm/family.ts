import { assert, UserError } from '../../checks/error.js';
import type { Family } from '../family.js';
import { linearPositions } from '../layers/linear-positions.js';
import { parseSmolConfig, type SmolConfig } from './config.js';
import { canonicalName } from './names.js';
import { encodeTiles } from './vision.js';
import { weightShapes } from './weight-shapes.js';

export const smolvlm: Family<SmolConfig> = {
  name: 'SmolVLM / Idefics3',
  modelTypes: ['idefics3', 'smolvlm'],
  imageToken: '<image>',
  parseConfig: parseSmolConfig,
  weightShapes,
  canonicalName,
  encodeImages(config, weights, images) {
    const { patchSize } = config.vision;
    const tiles = images.map((image) => {
      assert(image.kind === 'tile', 'Idefics3 takes tiles');
      const [rows, columns] = [image.height, image.width].map((pixels) => Math.ceil(pixels / patchSize));
      return { pixels: image.pixels, rows, columns };
    });
    return { features: encodeTiles(config, weights, tiles) };
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
};
