import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { familyOf } from '../backbones/families.js';
import { loraModule, loraNames } from '../backbones/layers/adapted-linear.js';
import type { PublishedConfig } from '../backbones/published-config.js';
import { UserError } from '../checks/error.js';
import type { Weights } from '../engine/flat-weights.js';
import * as tf from '../engine/tf.js';
import { readHeader, readTensor, writeSafetensors } from '../store/safetensors.js';
import { type LoraAdapter, weightOf } from './lora.js';
import { readLoraConfig } from './lora-config.js';

/** The files of an adapter in PEFT's format. */
export const ADAPTER = { config: 'adapter_config.json', weights: 'adapter_model.safetensors' } as const;

/** What PEFT writes before the name of a module. */
export const PEFT_PREFIX = 'base_model.model.';

/** What the saved adapter says of its base. */
export interface SaveLoraOptions {
  /** Its name or folder, where PEFT finds it. */
  base?: string | null;
  /** Its configuration, which decides how Python names its weights. Default a Qwen2.5-VL. */
  network?: PublishedConfig;
}

/**
 * Save an adapter in PEFT's format: `adapter_config.json` and `adapter_model.safetensors`. PEFT itself loads adapters of linear layers, not
 * those of MOON's experts, whose weights are one tensor.
 */
export function saveLora(adapter: LoraAdapter, dir: string, { base = null, network }: SaveLoraOptions = {}): void {
  const { moduleName } = familyOf(network);
  const { rank, alpha, targets } = adapter.options;
  mkdirSync(dir, { recursive: true });
  const config = {
    peft_type: 'LORA',
    base_model_name_or_path: base,
    inference_mode: true,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: 0,
    bias: 'none',
    target_modules: targets.map(moduleName),
  };
  const tensors = Object.entries(adapter.weights).map(([name, tensor]) => ({
    name: PEFT_PREFIX + moduleName(name),
    shape: tensor.shape,
    values: () => tensor.dataSync<'float32'>(),
  }));
  writeSafetensors(join(dir, ADAPTER.weights), tensors);
  writeFileSync(join(dir, ADAPTER.config), `${JSON.stringify(config, null, 2)}\n`);
}

/**
 * Load an adapter in PEFT's format, under either naming scheme of the base's modules.
 * @param base the weights that it adapts; names and shapes are checked before anything is loaded
 * @param network the configuration of the base. Default a Qwen2.5-VL
 * @throws UserError naming the file and what does not fit
 */
export function loadLora(dir: string, base: Weights, network?: PublishedConfig): LoraAdapter {
  const { canonicalName } = familyOf(network);
  const file = join(dir, ADAPTER.config);
  const { rank, alpha, targets } = readLoraConfig(file, canonicalName);
  const source = readHeader(join(dir, ADAPTER.weights));
  const found = [...source.tensors].map(([key, { shape }]) => {
    const name = canonicalName(key.replace(PEFT_PREFIX, ''));
    const { module = '', part } = loraModule(name) ?? {};
    const adapted = base[weightOf(module, base) ?? '']?.shape;
    if (!key.startsWith(PEFT_PREFIX) || !adapted || adapted.length < 2)
      throw new UserError(
        `${source.file}: ${key} does not adapt a projection of this network. Take the base model that it was trained on.`,
      );
    const [out, width] = adapted.slice(-2);
    const expected = [...adapted.slice(0, -2), ...(part === 'down' ? [rank, width] : [out, rank])];
    if (shape.join() !== expected.join())
      throw new UserError(
        `${source.file}: ${key} has the shape [${shape}], the base and rank ${rank} need [${expected}]. Take the base model that it was trained on.`,
      );
    return { key, name, module, shape };
  });
  const names = new Set(found.map(({ name }) => name));
  const unpaired = found.find(({ module }) => !Object.values(loraNames(module)).every((name) => names.has(name)));
  if (unpaired)
    throw new UserError(
      `${source.file}: ${unpaired.key} has no partner: lora_A and lora_B must come in pairs. Save the adapter again.`,
    );
  const weights = Object.fromEntries(
    found.map(({ key, name, shape }) => [name, tf.tensor(readTensor(source, key), shape)]),
  );
  return { options: { rank, alpha, targets: targets ?? [...new Set(found.map(({ module }) => module))] }, weights };
}
