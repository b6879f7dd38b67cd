import { sizes } from '../backbones/qwen25vl/sizes.js';
import { UserError, wrongOption } from '../checks/error.js';
import {
  anything,
  type Check,
  isRecord,
  list,
  number,
  oneOf,
  record,
  tagged,
  text,
  whole,
  yesOrNo,
} from '../checks/schema.js';
import { checkTemperature } from '../losses/temperature.js';
import { checkExperts } from '../moon/experts/option.js';
import { nestedSizes } from '../moon/pooling.js';
import { parts } from '../moon/weight-names.js';
import { checkNegatives } from '../negatives/options.js';
import { checkVision } from '../pictures/vision-option.js';
import type { MoonConfig } from './config.js';

const share = number(0, 1);
const weighed = { 'weight?': number(0) };
const fields = (names: readonly string[], check: Check) => Object.fromEntries(names.map((name) => [`${name}?`, check]));

/** Every name of a config and what may stand there; what belongs together is checked by the room that owns it. */
const check = record({
  seed: whole(0),
  network: record({
    size: oneOf(...Object.keys(sizes)),
    vocabulary: whole(280),
    stem: tagged({ patch: {}, conv: { channels: list(whole(1)) } }),
    'visionDepth?': whole(1),
    'depth?': whole(1),
    'feedForwardWidth?': whole(1),
    'branchInitRange?': number(0),
  }),
  vision: tagged({
    qwen: { 'whiteBalance?': share, 'mirrored?': yesOrNo },
    onnx: { model: text, 'width?': whole(1), 'pool?': whole(1), 'variants?': whole(1) },
  }),
  imageSize: whole(8),
  attention: oneOf('causal', 'bidirectional'),
  experts: tagged({
    none: {},
    plain: { count: whole(1), topK: whole(1), blocks: list(whole(0)) },
    guided: { count: whole(1), topK: whole(1), blocks: list(whole(0)), 'groups?': anything },
  }),
  balance: number(0),
  pooling: tagged({ mean: { 'nested?': list(whole(1)) }, last: { 'nested?': list(whole(1)) } }),
  region: tagged({
    none: {},
    saliency: { 'side?': whole(8) },
    boxes: {},
    centre: { 'area?': share },
    random: { 'area?': share, 'seed?': whole(0) },
    duplicate: {},
    grounding: { model: text, 'maxTokens?': whole(1) },
    attention: { checkpoint: text },
    detector: { model: text, ...fields(['side', 'pixels', 'output', 'units', 'labels', 'confidence'], anything) },
  }),
  views: oneOf('both', 'crop'),
  longestText: whole(1),
  draw: record({
    products: whole(2),
    queries: whole(1),
    together: whole(1),
    mix: record({ image: number(0), text: number(0), product: number(0) }),
    'asked?': share,
    withhold: record(fields(['image', 'title', 'category', 'attributes'], share)),
  }),
  augment: record({
    area: list(share, 2),
    aspect: list(number(0), 2),
    flip: share,
    brightness: share,
    contrast: share,
    channelShift: share,
  }),
  negatives: record({
    inBatch: tagged({ batch: weighed, none: {} }),
    hard: tagged({
      none: {},
      'same-category': { 'level?': whole(1), ...weighed },
      mined: { 'nearest?': whole(1), 'ceiling?': number(-1, 1), ...weighed },
    }),
    spatial: tagged({ gathered: { 'groups?': whole(1), ...weighed }, none: { 'groups?': whole(1) } }),
    temporal: tagged({ queue: { size: whole(0), warmUp: share, ...weighed }, none: {} }),
  }),
  loss: tagged({ 'info-nce': { 'symmetric?': yesOrNo, 'smoothing?': share } }),
  temperature: tagged({
    fixed: { value: number(0) },
    learned: { start: number(0), least: number(0), most: number(0) },
  }),
  auxiliary: record({ supervised: number(0), labels: number(0) }),
  captioning: tagged({ none: {}, captions: { share } }),
  optimizer: record({
    steps: whole(0),
    warmUp: whole(0),
    rate: number(0),
    beta1: share,
    beta2: share,
    weightDecay: number(0),
    clip: number(0),
    accumulate: whole(1),
    rates: record(fields(parts, number(0))),
  }),
  microBatch: whole(1),
  average: tagged({ none: {}, exponential: { decay: share } }),
  engine: record({ compile: yesOrNo }),
});

/**
 * A whole config, checked: the one place for files, flags and notebook options alike.
 * @throws UserError naming the value, what was expected and the nearest known name
 */
export function checkConfig(value: unknown): MoonConfig {
  check(value, '');
  const config = value as MoonConfig;
  const { network, experts, negatives, temperature, vision, pooling, draw } = config;
  const size = sizes[network.size];
  checkExperts(experts, network.depth ?? size.depth);
  checkNegatives(negatives);
  checkTemperature(temperature);
  nestedSizes(pooling, size.width);
  if (vision.kind === 'onnx') checkVision(vision);
  if (!(draw.mix.image + draw.mix.text + draw.mix.product > 0))
    throw wrongOption('draw.mix', draw.mix, 'a share above 0 for at least one query form');
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

export function merge(base: unknown, changes: unknown): unknown {
  if (!isRecord(base) || !isRecord(changes)) return changes;
  if ('kind' in changes && changes.kind !== base.kind) return changes;
  const names = new Set([...Object.keys(base), ...Object.keys(changes)]);
  return Object.fromEntries(
    [...names].map((name) => [name, name in changes ? merge(base[name], changes[name]) : base[name]]),
  );
}

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
