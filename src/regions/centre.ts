import { type Detector, plausibleRegion } from '../data/region.js';
import { type CentreOption, regionOption } from './options.js';

export function centreDetector(option: CentreOption): Detector {
  const { kind, area } = regionOption(option);
  const margin = (1 - Math.sqrt(area)) / 2;
  const box = { x1: margin, y1: margin, x2: 1 - margin, y2: 1 - margin };
  return {
    detect: async () => [plausibleRegion(kind, { box, score: 1 })],
    dispose: () => {},
  };
}
