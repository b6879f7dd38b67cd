import type { MoonConfig } from '../../config/config.js';
import { grocery } from '../grocery/recipes.js';

/**
 * Title -> image retrieval with a frozen image encoder: a query is the title, an item is its image alone. Products of one article type are
 * sampled together, so that a batch contains many hard negatives. Two linear projections already learn most of what can be learned here. So
 * the single block starts as the identity and learns ten times slower than they do; otherwise it memorises the training products.
 */
export const fashionFrozen: MoonConfig = {
  ...grocery,
  network: { ...grocery.network, vocabulary: 2000 },
  vision: { kind: 'onnx', model: 'efficientnet-lite0' },
  sampler: {
    products: 256,
    queries: 1,
    together: 8,
    mix: { image: 0, text: 1, product: 0 },
    logged: 1,
    withhold: { title: 1, category: 1, attributes: 1 },
  },
  negatives: { ...grocery.negatives, temporal: { kind: 'none' } },
  loss: { kind: 'info-nce', symmetric: true },
  auxiliary: { supervised: 0, labels: 0 },
  optimizer: { ...grocery.optimizer, steps: 500, warmUpSteps: 60, rate: 1e-3 },
};

/** The same with the model's own vision tower, trained from scratch. Shop images show the entire product, so crops keep most of it. */
export const fashion: MoonConfig = {
  ...fashionFrozen,
  vision: { kind: 'qwen' },
  sampler: { ...fashionFrozen.sampler, products: 128 },
  augment: { ...grocery.augment, area: [0.6, 1] },
  optimizer: { ...grocery.optimizer, steps: 1400, warmUpSteps: 100 },
};

/**
 * Titles of products from their photos, written by SmolLM2 (`npx moon-lab model get smollm2-135m`): frozen image features, a connector of two maps,
 * adapters in all 30 blocks, which are needed for language. It is for `npx moon-lab complete`; its embeddings are not trained.
 */
export const fashionTitles: MoonConfig = {
  ...fashionFrozen,
  network: { from: 'smollm2-135m' },
  vision: { kind: 'onnx', model: 'efficientnet-lite0', pool: 3, connector: 'mlp' },
  attention: 'causal',
  experts: { kind: 'none' },
  sampler: { ...fashionFrozen.sampler, products: 16 },
  captioning: { kind: 'captions', fraction: 1, questions: ['title'] },
  tune: { kind: 'lora', rank: 16, alpha: 32 },
  average: { kind: 'none' },
  optimizer: { ...fashionFrozen.optimizer, steps: 250, warmUpSteps: 20, rate: 1e-3, beta2: 0.99 },
};
