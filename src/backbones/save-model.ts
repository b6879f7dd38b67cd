import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Weights } from '../engine/flat-weights.js';
import { writeSharded } from '../store/sharded-safetensors.js';
import { familyOf } from './families.js';
import type { PublishedConfig } from './published-config.js';

/**
 * Write `config.json` and the weights (float32) of a network of any family in Hugging Face's layout, which transformers can load.
 * @param options.shardBytes largest file; larger weights are split into shards with an index (default 5e9)
 */
export function saveModel(
  dir: string,
  config: PublishedConfig,
  weights: Weights,
  options: { shardBytes?: number } = {},
): void {
  const family = familyOf(config);
  const { fileName = family.moduleName } = family;
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'config.json'), `${JSON.stringify(family.configToJson(config), null, 2)}\n`);
  const tensors = Object.entries(weights).map(([name, weight]) => ({
    name: fileName(name),
    shape: weight.shape,
    values: () => weight.dataSync<'float32'>(),
  }));
  writeSharded(dir, tensors, options.shardBytes);
}
