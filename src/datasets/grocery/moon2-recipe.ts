import type { MoonConfig } from '../../config/config.js';
import { moon2Enrich, moon2Of } from '../moon2.js';
import { groceryFrozen } from './recipes.js';

/** MOON2.0 on real photos, with a frozen image encoder. Cut-outs are compared with their photo by a larger encoder of the same kind. */
export const groceryMoon2: MoonConfig = {
  ...moon2Of({ ...groceryFrozen, sampler: { ...groceryFrozen.sampler, products: 24 } }),
  enrich: {
    ...moon2Enrich,
    views: { kind: 'redraw', count: 2, model: 'u2netp' },
    consistency: {
      kind: 'frozen',
      pictureEncoder: 'efficientnet-lite2',
      textEncoder: 'minilm',
      minView: 0.3,
      minTitle: 0.3,
    },
  },
};
