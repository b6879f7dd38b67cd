import { describe, expect, test } from 'vitest';
import { applySettings, checkConfig, checkSavedConfig } from '../../src/config/check-config.js';
import type { MoonConfig } from '../../src/config/config.js';
import { bases, readConfig } from '../../src/datasets/bases.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import type { LossOption } from '../../src/losses/option.js';
import type { ExpertsOption } from '../../src/moon/experts/option.js';
import type { PoolingOption } from '../../src/moon/pooling-option.js';
import type { HardOption } from '../../src/negatives/options.js';
import type { VisionOption } from '../../src/pictures/vision-option.js';
import type { RegionOption } from '../../src/regions/options.js';

type Named = { [name: string]: Named | unknown };

test.each(Object.entries(bases))('the base %s is a sound config', (_, base) => {
  expect(checkConfig(base)).toBe(base);
});

test('what is left out comes from the base, and settings come last', () => {
  const config = readConfig({ base: 'grocery', optimizer: { steps: 10, rate: 0.1 }, region: { kind: 'centre' } }, [
    'optimizer.steps=20',
    'network.size=nano',
    'experts.blocks=[0]',
    'negatives.temporal.kind=none',
  ]);
  expect(config.optimizer).toEqual({ ...grocery.optimizer, steps: 20, rate: 0.1 });
  expect(config.region).toEqual({ kind: 'centre' });
  expect(config.negatives.temporal).toEqual({ kind: 'none' });
  expect(config.negatives.hard).toEqual(grocery.negatives.hard);
});

test('every option that a type has is known, with all of its fields', () => {
  const regions: Required<RegionOption>[] = [
    { kind: 'grounding', model: 'folder', maxTokens: 64 },
    {
      kind: 'detector',
      model: 'centernet.json',
      side: 512,
      pixels: { scale: 1 },
      output: { kind: 'rows' },
      units: 'pixels',
      labels: ['shoe'],
      confidence: 0.3,
    },
    { kind: 'saliency', side: 64 },
    { kind: 'attention', checkpoint: 'runs/a' },
    { kind: 'boxes' },
    { kind: 'centre', area: 0.4 },
    { kind: 'random', area: 0.4, seed: 2 },
    { kind: 'duplicate' },
    { kind: 'none' },
  ];
  const hard: Required<HardOption>[] = [
    { kind: 'same-category', level: 2, weight: 2 },
    { kind: 'mined', nearest: 4, ceiling: 0.9, weight: 1 },
    { kind: 'none' },
  ];
  const experts: Required<ExpertsOption>[] = [
    { kind: 'guided', count: 6, topK: 2, blocks: [0], guide: { image: 'picture', crop: 'picture' } },
    { kind: 'none' },
  ];
  const vision: Required<VisionOption>[] = [
    { kind: 'qwen', resolution: 'fixed', whiteBalance: 0.5, mirrored: true },
    { kind: 'onnx', model: 'a.onnx', width: 8, pool: 2, connector: 'mlp', views: 3 },
  ];
  const loss: Required<LossOption>[] = [{ kind: 'info-nce', symmetric: true, smoothing: 0.1 }];
  const pooling: Required<PoolingOption>[] = [{ kind: 'last', nested: [32] }];
  const configs: MoonConfig[] = [
    ...regions.map((region) => ({ ...grocery, region })),
    ...hard.map((each) => ({ ...grocery, negatives: { ...grocery.negatives, hard: each } })),
    ...experts.map((each) => ({ ...grocery, experts: each })),
    ...vision.map((each) => ({ ...grocery, vision: each })),
    ...loss.map((each) => ({ ...grocery, loss: each })),
    ...pooling.map((each) => ({ ...grocery, pooling: each })),
  ];
  for (const config of configs) expect(checkConfig(config)).toBe(config);
});

describe('one sentence for', () => {
  test.each([
    ['optimizer.stepz=3', /^optimizer\.stepz: is unknown \(known here: steps, .*\); did you mean steps\?$/],
    ['regoin.kind=none', /^regoin: is unknown \(.*\); did you mean region\?$/],
    ['region.kind=saliensy', 'region.kind: got "saliensy", expected one of none | saliency'],
    ['optimizer.steps=many', 'optimizer.steps: got "many", expected an integer of at least 0'],
    ['optimizer.rates.vison=1', /^optimizer\.rates\.vison: is unknown \(.*\); did you mean vision\?$/],
    ['sampler.mix={"image":0,"text":0,"product":0}', 'sampler.mix: got'],
    ['experts.topK=9', 'experts.topK: got 9'],
    ['experts.blocks=[7]', 'experts.blocks: got [7]'],
    ['experts.guide={"brand":"text"}', /^experts\.guide\.brand: is unknown \(known here: image, crop/],
    ['imageSize=60', 'imageSize: got 60, expected a multiple of 32'],
    ['temperature.min=3', 'temperature: got'],
    ['negatives.spatial.groups=0', 'negatives.spatial.groups: got 0'],
    ['augment.area=[0.5]', 'augment.area: got [0.5], expected a list of 2'],
    ['steps', "--set: got 'steps', expected NAME=VALUE"],
  ])('%s', (setting, message) => {
    expect(() => readConfig({}, [setting])).toThrow(message);
  });

  test.each<[string, string]>([
    ['loss.kind=circle', 'loss.kind: got "circle", expected one of info-nce.'],
    ['experts.jitter=0', 'experts.jitter: is unknown (known here: kind, count, topK, blocks, guide); did you mean '],
    ['experts.gated=false', 'experts.gated: is unknown (known here: kind, count, topK, blocks, guide); did you mean '],
    ['negatives.hard.reuse=true', 'negatives.hard.reuse: is unknown (known here: kind, level, weight); did you mean '],
    ['network.stem.residual=0', 'network.stem.residual: is unknown (known here: kind, channels); did you mean '],
  ])('what there was once: %s, also in a run that was saved with it', (setting, message) => {
    expect(() => readConfig({}, [setting])).toThrow(message);
    const [path, value] = setting.split('=');
    const saved = structuredClone(grocery);
    const [name, ...parents] = path.split('.').toReversed();
    const owner = parents.toReversed().reduce((so, each) => so[each] as Named, saved as unknown as Named);
    owner[name] = value === 'circle' ? value : JSON.parse(value);
    expect(() => checkSavedConfig(saved, 'runs/a')).toThrow(
      `runs/a: contains a config of another version of moon-lab. Train again. ${message}`,
    );
  });

  test('an option of another kind keeps what both kinds have, and nothing else', () => {
    const set = (...settings: string[]) => applySettings(grocery, settings);
    expect(set('experts.kind=plain').experts).toEqual({ ...grocery.experts, kind: 'plain' });
    expect(set('experts.guide={"title":"text"}', 'experts.kind=plain').experts).not.toHaveProperty('guide');
    expect(set('experts.kind=none').experts).toEqual({ kind: 'none' });
    expect(set('negatives.spatial.kind=none').negatives.spatial).toEqual({ kind: 'none', groups: 4 });
    expect(set('negatives.hard={"kind":"mined","nearest":4}', 'negatives.hard.weight=2').negatives.hard).toEqual({
      kind: 'mined',
      nearest: 4,
      weight: 2,
    });
    expect(grocery.experts.kind).toBe('guided');
  });

  test('an unknown base, and a config that is no record', () => {
    expect(() => readConfig({ base: 'moon' })).toThrow('base: got "moon", expected one of grocery | paper');
    expect(() => readConfig([])).toThrow('config: got []');
  });
});

test.each(Object.entries(bases))(
  'settings of a run of base %s change that config, whatever other bases say',
  (_, base) => {
    expect(applySettings(base, [])).toEqual(base);
    expect(applySettings(base, ['seed=7'])).toEqual({ ...JSON.parse(JSON.stringify(base)), seed: 7 });
  },
);
