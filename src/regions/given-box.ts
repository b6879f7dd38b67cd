import { believable, type Detector } from '../data/region.js';

/** The boxes that the data give (`ProductImage.box`): the attainable best, where they are true. */
export interface GivenBoxOption {
  kind: 'boxes';
}

export function givenBoxDetector({ kind }: GivenBoxOption): Detector {
  return {
    detect: async ({ box = null }) => believable(kind, { box, score: 1 }),
    dispose: () => {},
  };
}
