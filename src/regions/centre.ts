import { believable, type Detector } from '../data/region.js';
import { boxShare } from './box-share.js';

/** Control: the middle of every image, its shape kept. */
export interface CentreOption {
  kind: 'centre';
  /** Share of the image that the box covers. Default 0.5. */
  area?: number;
}

export function centreDetector({ kind, area }: CentreOption): Detector {
  const margin = (1 - Math.sqrt(boxShare(area))) / 2;
  const box = { x1: margin, y1: margin, x2: 1 - margin, y2: 1 - margin };
  return {
    detect: async () => believable(kind, { box, score: 1 }),
    dispose: () => {},
  };
}
