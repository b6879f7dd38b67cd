import { type Detector, fullImage } from '../data/region.js';
import type { DuplicateOption } from './options.js';

export function duplicateDetector({ kind }: DuplicateOption): Detector {
  return {
    detect: async () => [{ box: fullImage, score: 1, source: kind }],
    dispose: () => {},
  };
}
