import type { MoonConfig } from '../../config/config.js';
import { DEFAULT_AUGMENT } from '../../pictures/augment-option.js';

/** Recipe for real photos of few products on two cores, after docs/protocols. Every figure of the README names the base it ran. */
export const grocery: MoonConfig = {
  seed: 1,
  network: {
    size: 'tiny',
    vocabulary: 1500,
    // A fourth convolution leaves 16 patches of a picture, not 64: dev MRR 51.8 and 52.1, in half the time of a step.
    stem: { kind: 'conv', channels: [32, 64, 128, 192] },
    visionDepth: 1,
    // One block that starts as the identity and learns ten times slower than the tower: from scratch the stem has everything to learn.
    depth: 1,
    feedForwardWidth: 384,
    branchInitRange: 0,
  },
  // A photo's light is the shop's, not the product's.
  vision: { kind: 'qwen', whiteBalance: 0.75, mirrored: true },
  imageSize: 64,
  attention: 'bidirectional',
  experts: { kind: 'guided', count: 6, topK: 1, blocks: [0] },
  balance: 0.01,
  pooling: { kind: 'mean' },
  region: { kind: 'saliency' },
  views: 'both',
  maxTextTokens: 32,
  // Four fifths of the products in every step: with 32, and two photos of each, a network learns to tell apart less.
  sampler: { products: 64, queries: 1, together: 2, mix: { image: 12, text: 3, product: 2 }, withhold: {} },
  augment: DEFAULT_AUGMENT,
  negatives: {
    inBatch: { kind: 'batch' },
    // Drawn together with what was bought, `together` at a time: they stand in the batch already.
    hard: { kind: 'same-category' },
    spatial: { kind: 'gathered', groups: 4 },
    // With 512 from the first tenth on, the network ran away from its own past: similarity to in-batch negatives 0.84, not 0.46.
    temporal: { kind: 'queue', size: 64, start: 0.5 },
  },
  // Without smoothing dev gained little after 700 steps: MRR 57.8, and 58.4 at its best.
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
 * The paper as far as it is known, at a size for two cores: single positive, query -> item only, one explicit hard negative a row,
 * mean pooling over all tokens, causal attention, guided experts in every second block, mix 12 : 3 : 2. Where the paper is silent
 * the values are the sound defaults of docs/moon: N = 6, top-1, a small balance term, temperature learned.
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

/**
 * Photos of groceries through a frozen encoder: what it knows of pictures is there from the start, so the steps can be
 * few. Batches, blocks and rates are those that its figure was made with. `vision.model` names the encoder's folder.
 */
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
