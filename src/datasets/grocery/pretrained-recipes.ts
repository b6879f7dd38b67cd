import type { MoonConfig } from '../../config/config.js';
import { groceryFrozen, paper } from './recipes.js';

/**
 * Grocery photos on the first blocks of a pretrained language model with guided experts: frozen image features, a connector of two maps,
 * adapters of the language model. No captions first: what the first of 30 blocks give is no language yet, and a connector trained on it has to
 * unlearn (dev MRR 32.6 after 120 updates, 56.9 without). The networks are those of `npx moon-lab model get smollm2-135m` and
 * `efficientnet-lite0`.
 */
export const smol: MoonConfig = {
  ...groceryFrozen,
  network: { from: 'smollm2-135m', blocks: 6 },
  vision: { kind: 'onnx', model: 'efficientnet-lite0', pool: 3, connector: 'mlp', views: 4 },
  attention: 'causal',
  experts: { kind: 'guided', count: 3, topK: 1, blocks: [5] },
  sampler: { ...groceryFrozen.sampler, products: 32, queries: 1, together: 4 },
  captioning: { kind: 'none' },
  tune: { kind: 'lora', rank: 16, alpha: 32 },
  average: { kind: 'none' },
  optimizer: { ...groceryFrozen.optimizer, steps: 300, warmUpSteps: 20, rate: 1e-3, beta2: 0.99 },
};

/**
 * Grocery photos by frozen parts alone: EfficientNet-lite0's features of a photo and of the core region that U2Netp finds, MiniLM's token states,
 * and between them a network that learns. An embedding keeps what the frozen encoders know beside what was learned, so that things that
 * training did not show are still found. The networks are those of `npx moon-lab model get`.
 */
export const frozenText: MoonConfig = {
  ...groceryFrozen,
  region: { kind: 'segmentation', model: 'u2netp' },
  text: { kind: 'frozen', model: 'minilm' },
  embedding: { kind: 'joined', frozen: 0.6 },
};

/**
 * MOON on its own backbone, Qwen2.5-VL-3B, for a machine with the weights (`npx moon-lab model get qwen2.5-vl-3b`, 7.5 GB) and the memory: pictures in
 * their own shapes, guided experts in the last two blocks as copies of the dense layers, adapters, a captioning stage. The paper tunes all weights
 * on 64 GPUs; `tune.kind=full` does. What it takes here says `train --base moonOnQwen --dry-run`.
 */
export const moonOnQwen: MoonConfig = {
  ...paper,
  network: { from: 'qwen2.5-vl-3b' },
  vision: { kind: 'qwen', resolution: 'dynamic' },
  imageSize: 448,
  maxTextTokens: 96,
  experts: { kind: 'guided', count: 6, topK: 1, blocks: [34, 35] },
  tune: { kind: 'lora', rank: 16, alpha: 32, parts: ['router', 'projector', 'temperature'], frozen: 'bfloat16' },
  microBatch: 8,
  optimizer: { ...paper.optimizer, rate: 1e-4, beta2: 0.999 },
  engine: { compile: true, checkpoint: true },
};
