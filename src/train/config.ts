import type { ExpertsOption } from '../moon/experts.js';
import type { PoolingOption } from '../moon/pooling.js';
import type { Stem } from '../qwen/config.js';
import type { SizeName } from '../qwen/sizes.js';
import type { RegionOption } from '../regions/detector.js';
import type { DrawOptions } from './draw.js';

/** Everything that decides a run, as one plain record: an ablation is a small function of it. */
export interface MoonConfig {
  seed: number;
  /** Shape of the network; widths of a named size, or parts of it overridden. */
  network: {
    size: SizeName;
    vocabulary: number;
    stem: Stem;
    visionDepth?: number;
    depth?: number;
    feedForwardWidth?: number;
  };
  imageSize: number;
  attention: 'causal' | 'bidirectional';
  experts: ExpertsOption;
  /** Weight of the router's balance term. */
  balance: number;
  pooling: PoolingOption;
  region: RegionOption;
  /** Items of past batches kept as temporal negatives; it starts to count after `warmUp` of the steps. Size 0 is no queue. */
  queue: { size: number; warmUp: number };
  /** Learned, from `start`, held within the bounds. */
  temperature: { start: number; least: number; most: number };
  draw: DrawOptions;
  optimizer: {
    steps: number;
    warmUp: number;
    rate: number;
    beta1: number;
    beta2: number;
    weightDecay: number;
    clip: number;
  };
}

/** Recipe for real photos of few products on two cores, after docs/protocols. Every figure of the README names the base it ran. */
export const grocery: MoonConfig = {
  seed: 1,
  network: {
    size: 'tiny',
    vocabulary: 1500,
    stem: { kind: 'conv', channels: [32, 64, 128] },
    visionDepth: 1,
    depth: 3,
    feedForwardWidth: 384,
  },
  imageSize: 64,
  attention: 'bidirectional',
  experts: { kind: 'guided', count: 6, topK: 1, blocks: [1] },
  balance: 0.01,
  pooling: { kind: 'mean' },
  region: { kind: 'saliency' },
  // With 512 from the first tenth on, the network ran away from its own past: similarity to in-batch negatives 0.84, not 0.46.
  queue: { size: 64, warmUp: 0.5 },
  temperature: { start: 0.07, least: 0.02, most: 0.2 },
  draw: { products: 32, queries: 2, together: 4, mix: { image: 12, text: 3, product: 2 } },
  optimizer: { steps: 320, warmUp: 20, rate: 1e-3, beta1: 0.9, beta2: 0.98, weightDecay: 0.05, clip: 1 },
};
