import { join } from 'node:path';
import type { Weights } from '../../engine/flat-weights.js';
import { readJsonFile } from '../../store/json-file.js';
import { loadFolderWeights } from '../layers/load-weights.js';
import type { QwenConfig } from './config.js';
import { parseConfig } from './config-file.js';
import { canonicalName } from './names.js';
import { weightShapes } from './weight-shapes.js';

/** Load `config.json` of a Hugging Face folder of Qwen2.5-VL. */
export function loadConfig(dir: string): QwenConfig {
  const file = join(dir, 'config.json');
  return parseConfig(readJsonFile(file, 'give a Hugging Face folder of Qwen2.5-VL'), file);
}

/**
 * Load the weights of a Hugging Face folder, under either naming scheme (`loadFolderWeights`).
 * @param shapes expected shapes by canonical name; other tensors of the folder are ignored
 */
export function loadWeights(dir: string, shapes: Record<string, number[]> = weightShapes(loadConfig(dir))): Weights {
  return loadFolderWeights(dir, shapes, canonicalName);
}
