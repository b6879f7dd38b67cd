import type { MoonConfig } from '../../config/config.js';
import { groceryFrozen } from './recipes.js';

/**
 * Grocery photos on the first blocks of a pretrained language model with guided experts: frozen image features, a connector of two maps that is
 * trained by captions first, adapters of the language model. The networks are those of `npx moon-lab model get smollm2-135m` and
 * `efficientnet-lite0`.
 */
export const smol: MoonConfig = {
  ...groceryFrozen,
  network: { from: 'smollm2-135m', blocks: 6 },
  vision: { kind: 'onnx', model: 'efficientnet-lite0', pool: 3, connector: 'mlp', views: 4 },
  attention: 'causal',
  experts: { kind: 'guided', count: 3, topK: 1, blocks: [5] },
  sampler: { ...groceryFrozen.sampler, products: 32, queries: 1, together: 4 },
  captioning: { kind: 'captions', fraction: 0.15, parts: ['projector'] },
  tune: { kind: 'lora', rank: 16, alpha: 32 },
  average: { kind: 'none' },
  optimizer: { ...groceryFrozen.optimizer, steps: 300, warmUpSteps: 20, rate: 1e-3, beta2: 0.99 },
};
