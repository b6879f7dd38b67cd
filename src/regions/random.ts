import { wrongOption } from '../checks/error.js';
import { believable, type Detector } from '../data/region.js';
import { randomStream } from '../engine/random.js';
import { DEFAULT_AUGMENT, drawAugmentation } from '../pictures/augment.js';
import { boxShare } from './box-share.js';

/** Control: a box anywhere, the same for the same image id in every run. */
export interface RandomOption {
  kind: 'random';
  /** Share of the image that the box covers. Default 0.5. */
  area?: number;
  /** Default 0. */
  seed?: number;
}

export function randomDetector({ kind, area, seed = 0 }: RandomOption): Detector {
  if (!Number.isInteger(seed)) throw wrongOption('region.seed', seed, 'an integer');
  const share = boxShare(area);
  const how = { ...DEFAULT_AUGMENT, area: [share, share] as [number, number] };
  return {
    detect: async ({ id }) => {
      const { crop } = drawAugmentation(randomStream(seed, `region ${id}`), how);
      return believable(kind, { box: crop, score: 1 });
    },
    dispose: () => {},
  };
}
