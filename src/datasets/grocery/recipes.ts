import type { MoonConfig } from '../../config/config.js';
import { DEFAULT_AUGMENT } from '../../pictures/augment-option.js';

/**
 * Recipe for real photos of few products, trained on two CPU cores. Measured as described in src/evaluate/README.md.
 * @example
 * ```ts
 * const short = moon.config.withSteps(moon.grocery, 120);
 * const catalogue = await moon.openCatalogue(moon.GROCERY_PACK);
 * const run = await moon.trainRun('runs/short', short, catalogue);
 * ```
 */
export const grocery: MoonConfig = {
  seed: 1,
  network: {
    size: 'tiny',
    vocabulary: 1500,
    // A fourth convolution reduces an image from 64 to 16 patches: equal dev MRR (51.8 and 52.1) in half the step time.
    stem: { kind: 'conv', channels: [32, 64, 128, 192] },
    visionDepth: 1,
    // A single block that starts as the identity and learns ten times slower than the vision tower, because the stem is trained from
    // scratch.
    depth: 1,
    feedForwardWidth: 384,
    branchInitRange: 0,
  },
  // The lighting of a photo depends on the shop, not on the product.
  vision: { kind: 'qwen', whiteBalance: 0.75, mirrored: true },
  imageSize: 64,
  attention: 'bidirectional',
  experts: { kind: 'guided', count: 6, topK: 1, blocks: [0] },
  balance: 0.01,
  pooling: { kind: 'mean' },
  region: { kind: 'saliency' },
  views: 'both',
  maxTextTokens: 32,
  // Each step contains four fifths of the products. With 32 products and two photos of each, the model learns to discriminate less.
  sampler: { products: 64, queries: 1, together: 2, mix: { image: 12, text: 3, product: 2 }, withhold: {} },
  augment: DEFAULT_AUGMENT,
  negatives: {
    inBatch: { kind: 'batch' },
    // Same-category products are sampled together (`together` at a time), so hard negatives are already in the batch.
    hard: { kind: 'same-category' },
    spatial: { kind: 'gathered', groups: 4 },
    // With size 512 and start 0.1 the queue became stale: the similarity to in-batch negatives rose to 0.84, instead of 0.46.
    temporal: { kind: 'queue', size: 64, start: 0.5 },
  },
  // Without smoothing, dev hardly improved after 700 steps: MRR 57.8, at best 58.4.
  loss: { kind: 'info-nce', smoothing: 0.1 },
  temperature: { kind: 'learned', start: 0.07, min: 0.02, max: 0.2 },
  auxiliary: { supervised: 0.5, labels: 0.25 },
  captioning: { kind: 'none' },
  optimizer: {
    steps: 2800,
    warmUpSteps: 80,
    rate: 2e-3,
    beta1: 0.9,
    beta2: 0.98,
    weightDecay: 0.05,
    clip: 1,
    accumulate: 1,
    rates: { language: 0.1, experts: 0.1 },
  },
  microBatch: 1024,
  average: { kind: 'exponential', decay: 0.99 },
  engine: { compile: true },
};

/**
 * The recipe of the paper as far as it is known, at a size for two CPU cores: one positive, query -> item loss only, one explicit hard
 * negative per query, mean pooling over all tokens, causal attention, guided experts in every second block, query mix 12 : 3 : 2. Where the
 * paper is silent, the values are defaults explained in src/moon/README.md: N = 6, top-1 routing, a small balance term, learned
 * temperature.
 * @example
 * ```ts
 * console.log(moon.config.differenceText(moon.config.configDifference(moon.grocery, moon.paper)));
 * ```
 */
export const paper: MoonConfig = {
  ...grocery,
  network: { size: 'tiny', vocabulary: 1500, stem: { kind: 'patch' } },
  vision: { kind: 'qwen' },
  attention: 'causal',
  experts: { kind: 'guided', count: 6, topK: 1, blocks: [1, 3] },
  sampler: { products: 32, queries: 1, together: 1, mix: { image: 12, text: 3, product: 2 }, withhold: {} },
  negatives: {
    inBatch: { kind: 'batch' },
    hard: { kind: 'same-category' },
    spatial: { kind: 'gathered', groups: 4 },
    temporal: { kind: 'queue', size: 512, start: 0.1 },
  },
  loss: { kind: 'info-nce' },
  auxiliary: { supervised: 0, labels: 0 },
  captioning: { kind: 'captions', fraction: 0.05 },
  optimizer: { ...grocery.optimizer, steps: 1400, rates: {} },
  average: { kind: 'none' },
};

/** Grocery photos with a frozen, pretrained image encoder, which needs few steps. `vision.model` names the encoder's folder. */
export const groceryFrozen: MoonConfig = {
  ...grocery,
  network: { ...grocery.network, depth: 2, branchInitRange: 0.02 },
  vision: { kind: 'onnx', model: 'efficientnet-lite0', views: 4 },
  experts: { kind: 'guided', count: 6, topK: 1, blocks: [1] },
  sampler: { ...grocery.sampler, products: 32, queries: 2, together: 4 },
  loss: { kind: 'info-nce' },
  average: { kind: 'exponential', decay: 0.98 },
  optimizer: { ...grocery.optimizer, steps: 400, warmUpSteps: 30, rate: 1e-3, rates: {} },
};
