import { sizes } from '../backbones/qwen25vl/sizes.js';
import { UserError, wrongOption } from '../checks/error.js';
import { fillIn } from '../checks/fill-in.js';
import { mergeOptions } from '../checks/merge-options.js';
import { checkTemperature } from '../losses/temperature-option.js';
import { checkExperts } from '../moon/experts/option.js';
import { nestedSizes } from '../moon/pooling-option.js';
import { checkMix } from '../sampler/option.js';
import { configSchema, type MoonConfig } from './config.js';
import { formerNames } from './former-names.js';

/**
 * A whole config, checked: the one place for files, flags and notebook options alike. What is returned is the config as it was given:
 * defaults are filled in where they are used.
 * @throws UserError naming the value, what was expected and the nearest known name
 */
export function checkConfig(value: unknown): MoonConfig {
  fillIn(configSchema, value, '', formerNames);
  const config = value as MoonConfig;
  const { network, experts, temperature, vision, pooling, sampler } = config;
  const size = sizes[network.size];
  checkExperts(experts, network.depth ?? size.depth);
  checkTemperature(temperature);
  nestedSizes(pooling, size.width);
  checkMix(sampler);
  const step = 2 * (network.stem.kind === 'conv' ? 2 ** network.stem.channels.length : size.patchSize);
  if (vision.kind === 'qwen' && config.imageSize % step)
    throw wrongOption('imageSize', config.imageSize, `a multiple of ${step}, two patches`);
  return config;
}

/**
 * The config that a run or a model folder was saved with.
 * @throws UserError naming the file and what this version does not know in it
 */
export function checkSavedConfig(value: unknown, file: string): MoonConfig {
  try {
    return checkConfig(value);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${file}: holds a config of another version, so train again; ${error.message}`);
  }
}

/** A whole config, such as that of a run, with settings such as `optimizer.steps=100`. Nothing comes from a base. */
export function applySettings(config: unknown, settings: readonly string[]): MoonConfig {
  return checkConfig(settings.reduce<unknown>((so, setting) => merge(so, parseSetting(setting)), config));
}

/**
 * A config with some of its settings in another way, merged as `readConfig` does: `{ negatives: { temporal: { size: 16 } } }`.
 * @throws UserError when it is no valid config then
 */
export function withSettings(config: MoonConfig, changes: unknown): MoonConfig {
  return checkConfig(merge(config, changes));
}

/** A config, or what a file says of one, with some settings in another way (`mergeOptions`). */
export const merge = (base: unknown, changes: unknown): unknown => mergeOptions(configSchema, base, changes);

/** `a.b=1` -> { a: { b: 1 } }; what is no JSON is text. */
function parseSetting(setting: string): unknown {
  const at = setting.indexOf('=');
  if (at < 1) throw new UserError(`--set: got '${setting}', expected NAME=VALUE such as optimizer.steps=100.`);
  const value = setting.slice(at + 1);
  let parsed: unknown = value;
  try {
    parsed = JSON.parse(value);
  } catch {
    // A text such as `saliency` is no JSON.
  }
  return setting
    .slice(0, at)
    .split('.')
    .reduceRight((inner, name) => ({ [name]: inner }), parsed);
}
