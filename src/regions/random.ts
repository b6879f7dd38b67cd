import { type Detector, plausibleRegion } from '../data/region.js';
import { randomStream } from '../engine/random.js';
import { drawAugmentation } from '../pictures/augment.js';
import { DEFAULT_AUGMENT } from '../pictures/augment-option.js';
import { type RandomOption, regionOption } from './options.js';

export function randomDetector(option: RandomOption): Detector {
  const { kind, area, seed } = regionOption(option);
  const how = { ...DEFAULT_AUGMENT, area: [area, area] as const };
  return {
    detect: async ({ id }) => {
      const { crop } = drawAugmentation(randomStream(seed, `region ${id}`), how);
      return [plausibleRegion(kind, { box: crop, score: 1 })];
    },
    dispose: () => {},
  };
}
