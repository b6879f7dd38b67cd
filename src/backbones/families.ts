import { join } from 'node:path';
import { UserError } from '../checks/error.js';
import type { Weights } from '../engine/flat-weights.js';
import { readJsonFile } from '../store/json-file.js';
import type { Family } from './family.js';
import type { Json } from './layers/config-json.js';
import { loadFolderWeights } from './layers/load-weights.js';
import { llama } from './llama/family.js';
import type { PublishedConfig } from './published-config.js';
import { qwen3vl } from './qwen3vl/family.js';
import { qwen25vl } from './qwen25vl/family.js';
import { smolvlm } from './smolvlm/family.js';

/** A published network: its configuration and weights. */
export interface Network<Config extends PublishedConfig = PublishedConfig> {
  config: Config;
  weights: Weights;
}

/** All families, as their networks' configurations name them. A config always goes to the family that parsed it. */
const families = [qwen25vl, qwen3vl, smolvlm, llama] as unknown as readonly Family[];

/** The family that a configuration belongs to; Qwen2.5-VL without one. */
export function familyOf({ family = 'qwen2_5_vl' }: Pick<PublishedConfig, 'family'> = {}): Family {
  return families.find(({ modelTypes }) => modelTypes[0] === family)!;
}

/** The family of a Hugging Face folder; undefined for one that is not known. */
export function familyOfFolder(dir: string): Family | undefined {
  return ofType((readJsonFile(join(dir, 'config.json'), 'give a Hugging Face folder') as Json).model_type);
}

const ofType = (type: unknown) => families.find(({ modelTypes }) => modelTypes.some((each) => each === type));

/** The configuration of a Hugging Face folder of any known family. @throws UserError for another one, with the known ones */
export function loadPublishedConfig(dir: string): PublishedConfig {
  const file = join(dir, 'config.json');
  const json = readJsonFile(file, 'give a Hugging Face folder') as Json;
  const family = ofType(json.model_type);
  if (!family) {
    const known = families.map(({ name, modelTypes }) => `${modelTypes.join(' | ')} (${name})`).join(', ');
    throw new UserError(
      `${file}: model_type is ${JSON.stringify(json.model_type) ?? 'missing'}, expected one of ${known}. Give the folder of such a model.`,
    );
  }
  return family.parseConfig(json, file);
}

/** The weights of a Hugging Face folder (`loadFolderWeights`). */
export function loadPublishedWeights(dir: string, config: PublishedConfig): Weights {
  const family = familyOf(config);
  return loadFolderWeights(dir, family.weightShapes(config), family.canonicalName);
}

/** A network of a Hugging Face folder of any known family. Dispose its weights when done. @throws UserError for a folder that does not fit */
export function loadNetwork(dir: string): Network {
  const config = loadPublishedConfig(dir);
  return { config, weights: loadPublishedWeights(dir, config) };
}
