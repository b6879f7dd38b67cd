import { type Detector, wholeImage } from '../data/region.js';
import type { DuplicateOption } from './options.js';

export function duplicateDetector({ kind }: DuplicateOption): Detector {
  return {
    detect: async () => [{ box: wholeImage, score: 1, source: kind }],
    dispose: () => {},
  };
}
