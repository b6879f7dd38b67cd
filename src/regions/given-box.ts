import { type Detector, plausibleRegion } from '../data/region.js';
import type { GivenBoxOption } from './options.js';

export function givenBoxDetector({ kind }: GivenBoxOption): Detector {
  return {
    detect: async ({ box = null }) => [plausibleRegion(kind, { box, score: 1 })],
    dispose: () => {},
  };
}
