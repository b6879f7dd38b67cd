import type { MoonConfig } from '../../config/config.js';
import { grocery } from '../grocery/recipes.js';

/**
 * Recipe for the generated shop: a small network for 32-pixel images with the ground-truth regions. Its blocks learn as fast as the rest.
 */
export const shop: MoonConfig = {
  ...grocery,
  network: { size: 'nano', vocabulary: 600, stem: { kind: 'conv', channels: [32, 64, 96] }, visionDepth: 1, depth: 2 },
  vision: { kind: 'qwen' },
  imageSize: 32,
  experts: { kind: 'guided', count: 6, topK: 1, blocks: [1] },
  region: { kind: 'boxes' },
  sampler: { ...grocery.sampler, products: 32, queries: 1, together: 1 },
  negatives: { ...grocery.negatives, temporal: { kind: 'none' } },
  loss: { kind: 'info-nce' },
  auxiliary: { supervised: 0, labels: 0 },
  optimizer: { ...grocery.optimizer, steps: 1400, warmUpSteps: 20, rates: {} },
  average: { kind: 'none' },
};
