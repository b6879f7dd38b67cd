import type { Tower } from '../backbones/family.js';
import { sizes } from '../backbones/qwen25vl/sizes.js';
import { UserError, wrongOption } from '../checks/error.js';
import { fillIn } from '../checks/fill-in.js';
import { mergeOptions } from '../checks/merge-options.js';
import { checkPrecision } from '../engine/option.js';
import { checkTemperature } from '../losses/temperature-option.js';
import { embeddingOption } from '../moon/embedding-option.js';
import { checkExperts } from '../moon/experts/option.js';
import { fusionOption } from '../moon/fusion/option.js';
import { nestedOf, nestedSizes } from '../moon/pooling-option.js';
import { promptGateOption } from '../moon/prompt-gate/option.js';
import { summaryWeights } from '../objectives/captions/option.js';
import { isDynamic } from '../pictures/vision-option.js';
import { checkMix } from '../sampler/option.js';
import { textOption } from '../text/text-option.js';
import { checkAlignment } from './check-alignment.js';
import { configSchema, type MoonConfig } from './config.js';
import { formerNames } from './former-names.js';

/** More blocks than a folder's network has; its own number is known when it is read. */
const MAX_BLOCKS = 1024;

/**
 * Check a complete config. The only check for configs from files, flags and notebooks. Returns the config as given; defaults are filled in
 * where they are used.
 * @throws UserError with the value, what was expected and the nearest known name
 */
export function checkConfig(value: unknown): MoonConfig {
  fillIn(configSchema, value, '', formerNames);
  const config = value as MoonConfig;
  const { network, vision, experts, temperature, sampler } = config;
  checkTemperature(temperature);
  checkMix(sampler);
  checkPrecision(config.engine);
  checkTextAlone(config);
  checkFrozenText(config);
  checkEmbedding(config);
  checkSlots(config);
  checkFusion(config);
  checkOwnTower(config);
  checkAlignment(config);
  checkSummaries(config);
  if ('from' in network) {
    checkExperts(experts, network.blocks ?? MAX_BLOCKS);
    return config;
  }
  const size = sizes[network.size];
  const { depth = size.depth, stem } = network;
  const patchSize = stem.kind === 'conv' ? 2 ** stem.channels.length : size.patchSize;
  const squareOnly =
    stem.kind === 'conv' ? 'A convolutional stem reads square pictures; or set network.stem.kind=patch.' : undefined;
  const tower = vision.kind === 'qwen' ? { patchSize, mergeSize: 2 } : undefined;
  checkFit(config, { depth, width: size.width, tower, squareOnly });
  return config;
}

/** A network without pictures cannot be asked by one, and looks for nothing in one. */
function checkTextAlone({ vision, region, sampler: { mix } }: MoonConfig): void {
  if (vision.kind !== 'none') return;
  const why = `With vision.kind 'none' a network reads texts alone.`;
  if (mix.image + mix.product > 0) throw wrongOption('sampler.mix', mix, '{ image: 0, text: 1, product: 0 }', why);
  if (region.kind !== 'none') throw wrongOption('region.kind', region.kind, `'none'`, why);
}

/** A frozen sentence encoder reads texts; it stands before a new network, which then has no words to write. */
function checkFrozenText({ text, network, captioning }: MoonConfig): void {
  if (textOption(text).kind === 'own') return;
  if ('from' in network)
    throw wrongOption('text.kind', 'frozen', `'own'`, 'A published network reads with its own vocabulary.');
  if (captioning.kind !== 'none')
    throw wrongOption(
      'captioning.kind',
      captioning.kind,
      `'none'`,
      `With text.kind 'frozen' a network has no words to write.`,
    );
}

/** A tower of its own stands before a published network; a new network is new with its tower. */
function checkOwnTower({ vision, network }: MoonConfig): void {
  if (vision.kind === 'own' && !('from' in network))
    throw wrongOption('vision.kind', 'own', `'qwen'`, 'The tower of a new network is new; own is for network.from.');
}

function checkEmbedding({ embedding, vision, text, pooling }: MoonConfig): void {
  if (embeddingOption(embedding).kind === 'learned') return;
  if (vision.kind !== 'onnx' && textOption(text).kind === 'own')
    throw wrongOption(
      'embedding.kind',
      'joined',
      `'learned'`,
      `Neither vision.kind is 'onnx' nor text.kind 'frozen': nothing frozen is read.`,
    );
  if (nestedOf(pooling).length)
    throw wrongOption('pooling.nested', nestedOf(pooling), 'none', `With embedding.kind 'joined' vectors have parts.`);
}

/** The first slot reads the pictures alone: they come first, and nothing after them is seen. */
function checkSlots({ pooling, attention, vision }: MoonConfig): void {
  if (pooling.kind !== 'slots') return;
  if (attention !== 'causal')
    throw wrongOption(
      'attention',
      attention,
      `'causal'`,
      `With pooling.kind 'slots' the first slot reads pictures alone.`,
    );
  if (vision.kind === 'none')
    throw wrongOption(
      'pooling.kind',
      'slots',
      `'mean' or 'last'`,
      `With vision.kind 'none' there are no pictures for a slot.`,
    );
}

/** Late fusion adds pictures. */
function checkFusion({ fusion, vision }: MoonConfig): void {
  const { kind } = fusionOption(fusion);
  if (kind !== 'none' && vision.kind === 'none')
    throw wrongOption('fusion.kind', kind, `'none'`, `With vision.kind 'none' there are no pictures to fuse.`);
}

/** The gate lets texts look at pictures, after a block that the network has. */
function checkPromptGate({ promptGate, vision }: MoonConfig, depth: number): void {
  const gate = promptGateOption(promptGate);
  if (gate.kind === 'none') return;
  if (vision.kind === 'none')
    throw wrongOption(
      'promptGate.kind',
      gate.kind,
      `'none'`,
      `With vision.kind 'none' there are no pictures to look at.`,
    );
  if (gate.after >= depth)
    throw wrongOption('promptGate.after', gate.after, `a block from 0 to ${depth - 1}`, 'It stands after a block.');
}

/** Hidden regions are those of a frozen encoder, whose features are what is to be said of them. */
function checkSummaries({ captioning, vision }: MoonConfig): void {
  if (vision.kind === 'onnx') return;
  const { regions, distance, contrast } = summaryWeights(captioning);
  if (regions)
    throw wrongOption('captioning.regions', regions, '0', `Regions are hidden with vision.kind 'onnx' alone.`);
  if (vision.kind === 'none' && distance + contrast)
    throw wrongOption(
      'captioning',
      { distance, contrast },
      '0 for both',
      `With vision.kind 'none' nothing is compared.`,
    );
}

/** The sizes of a network that other options depend on. */
interface NetworkSizes {
  depth: number;
  width: number;
  /** Of the tower that reads pictures; undefined without one. */
  tower?: Pick<Tower, 'patchSize' | 'mergeSize' | 'maxSide'>;
  /** Why the tower takes no pictures of other shapes. */
  squareOnly?: string;
}

/**
 * Check the options that depend on the sizes of the network. `checkConfig` does it for a new network; for the network of a folder, it is
 * done when the folder is read.
 * @throws UserError for experts, nested sizes, an image size or a resolution that do not fit
 */
export function checkFit(config: MoonConfig, { depth, width, tower, squareOnly }: NetworkSizes): void {
  const { experts, vision, pooling, imageSize } = config;
  checkExperts(experts, depth);
  checkPromptGate(config, depth);
  nestedSizes(pooling, width);
  if (!tower) return;
  if (isDynamic(vision) && squareOnly) throw wrongOption('vision.resolution', 'dynamic', `'fixed'`, squareOnly);
  const { patchSize, mergeSize, maxSide = Number.POSITIVE_INFINITY } = tower;
  const step = mergeSize * patchSize;
  if (imageSize % step)
    throw wrongOption('imageSize', imageSize, `a multiple of ${step}, ${mergeSize === 2 ? 'two' : mergeSize} patches`);
  if (imageSize > maxSide) throw wrongOption('imageSize', imageSize, `at most ${maxSide}, the network's own tile`);
}

/**
 * Check the saved config of a run or a model folder.
 * @throws UserError naming the file and the option that this version does not know
 */
export function checkSavedConfig(value: unknown, file: string): MoonConfig {
  try {
    return checkConfig(value);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${file}: contains a config of another version of moon-lab. Train again. ${error.message}`);
  }
}

/**
 * Apply settings such as `optimizer.steps=100` to a complete config, such as that of a run.
 * @throws UserError for a malformed setting, or if the result is not a valid config
 */
export function applySettings(config: unknown, settings: readonly string[]): MoonConfig {
  return checkConfig(settings.reduce<unknown>((so, setting) => merge(so, parseSetting(setting)), config));
}

/**
 * Merge changes into a config, as `readConfig` does: `{ negatives: { temporal: { size: 16 } } }`.
 * @throws UserError if the result is not a valid config
 */
export function withSettings(config: MoonConfig, changes: unknown): MoonConfig {
  return checkConfig(merge(config, changes));
}

/** Merge changes into a complete or partial config (see `mergeOptions`). */
export const merge = (base: unknown, changes: unknown): unknown => mergeOptions(configSchema, base, changes);

/** `a.b=1` -> { a: { b: 1 } }. A value that is not JSON is text. */
function parseSetting(setting: string): unknown {
  const at = setting.indexOf('=');
  if (at < 1) throw new UserError(`--set: got '${setting}', expected NAME=VALUE such as optimizer.steps=100.`);
  const value = setting.slice(at + 1);
  let parsed: unknown = value;
  try {
    parsed = JSON.parse(value);
  } catch {
    // A text such as `saliency` is not JSON.
  }
  return setting
    .slice(0, at)
    .split('.')
    .reduceRight((inner, name) => ({ [name]: inner }), parsed);
}
