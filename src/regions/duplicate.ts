import { type Detector, wholeImage } from '../data/region.js';

/** Control: the whole image once more, so that a sequence has as many tokens as with a crop. */
export interface DuplicateOption {
  kind: 'duplicate';
}

export function duplicateDetector({ kind }: DuplicateOption): Detector {
  return {
    detect: async () => ({ box: wholeImage, score: 1, source: kind }),
    dispose: () => {},
  };
}
