import type { MoonConfig } from '../../config/config.js';
import { groceryFrozen } from '../grocery/recipes.js';
import { moon2Of } from '../moon2.js';

/**
 * MOON2.0 on the generated shop, with a frozen image encoder: drawn products are told apart after 200 updates, and by a tower from scratch not
 * after 300.
 */
export const moon2: MoonConfig = moon2Of({
  ...groceryFrozen,
  vision: { kind: 'onnx', model: 'efficientnet-lite0', pool: 3 },
  region: { kind: 'boxes' },
  sampler: { ...groceryFrozen.sampler, products: 16, together: 1 },
  optimizer: { ...groceryFrozen.optimizer, steps: 300 },
});
