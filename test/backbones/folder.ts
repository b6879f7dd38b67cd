import type { Network } from '../../src/backbones/families.js';
import type { QwenConfig } from '../../src/backbones/qwen25vl/config.js';
import { loadConfig, loadWeights } from '../../src/backbones/qwen25vl/weights.js';
import { folders } from './qwen25vl/reference.js';

/** The small Qwen2.5-VL of our own, made with transformers (see its make.py). */
export const folder = folders.fixture;

/** Its network; free the weights. */
export function loadFolder(): Network<QwenConfig> {
  return { config: loadConfig(folder), weights: loadWeights(folder) };
}
