import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Weights } from '../engine/flat-weights.js';
import { writeSafetensors } from '../store/safetensors.js';
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
  const shards = splitIntoShards(weights, options.shardBytes ?? 5e9);
  const map: Record<string, string> = {};
  shards.forEach((names, i) => {
    const number = (value: number) => String(value).padStart(5, '0');
    const file =
      shards.length === 1 ? 'model.safetensors' : `model-${number(i + 1)}-of-${number(shards.length)}.safetensors`;
    for (const name of names) map[fileName(name)] = file;
    writeSafetensors(
      join(dir, file),
      names.map((name) => ({
        name: fileName(name),
        shape: weights[name].shape,
        values: () => weights[name].dataSync<'float32'>(),
      })),
    );
  });
  if (shards.length > 1) {
    const total = Object.values(weights).reduce((sum, tensor) => sum + tensor.size * 4, 0);
    const index = { metadata: { total_size: total }, weight_map: map };
    writeFileSync(join(dir, 'model.safetensors.index.json'), `${JSON.stringify(index, null, 2)}\n`);
  }
}

function splitIntoShards(weights: Weights, shardBytes: number): string[][] {
  const shards: string[][] = [[]];
  let bytes = 0;
  for (const name of Object.keys(weights)) {
    const more = weights[name].size * 4;
    if (bytes + more > shardBytes && bytes > 0) {
      shards.push([]);
      bytes = 0;
    }
    shards[shards.length - 1].push(name);
    bytes += more;
  }
  return shards;
}
