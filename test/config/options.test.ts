import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/checks/error.js';
import { fillIn } from '../../src/checks/fill-in.js';
import { type Option, optionsOf } from '../../src/checks/options-of.js';
import { isRecord } from '../../src/checks/schema.js';
import { checkConfig, checkSavedConfig, withSettings } from '../../src/config/check-config.js';
import { configSchema, type MoonConfig } from '../../src/config/config.js';
import { formerNames } from '../../src/config/former-names.js';
import { describeOptions, optionsTable } from '../../src/config/options-table.js';
import { bases, readConfig } from '../../src/datasets/bases.js';
import { groceryMoon2 } from '../../src/datasets/grocery/moon2-recipe.js';
import { grocery, groceryFrozen } from '../../src/datasets/grocery/recipes.js';
import { moon2Alignment } from '../../src/datasets/moon2.js';
import { hardOption } from '../../src/negatives/options.js';
import { detectorOf } from '../../src/regions/detector.js';

const options = optionsOf(configSchema);
const everyBase: [string, MoonConfig][] = Object.entries(bases);

/** A config for every kind of every tagged option, with what it must be given and nothing else. */
const kinds: Record<string, object[]> = {
  network: [{ from: 'folder' }],
  'network.stem': [{ kind: 'patch' }, { kind: 'conv', channels: [8, 8] }],
  vision: [
    { kind: 'qwen' },
    { kind: 'own' },
    { kind: 'own', stem: { kind: 'conv', channels: [8, 8] } },
    { kind: 'onnx', model: 'folder' },
  ],
  ocr: [{ kind: 'none' }, { kind: 'paddle', model: 'pp-ocr' }],
  text: [{ kind: 'own' }, { kind: 'frozen', model: 'minilm' }],
  embedding: [{ kind: 'learned' }, { kind: 'joined', frozen: 0.5 }],
  experts: [
    { kind: 'none' },
    { kind: 'plain', count: 2, topK: 1, blocks: [0] },
    { kind: 'guided', count: 3, topK: 1, blocks: [0] },
    { kind: 'modality', count: 3, topK: 2, blocks: [0] },
  ],
  pooling: [{ kind: 'mean' }, { kind: 'last' }, { kind: 'slots' }],
  fusion: [{ kind: 'none' }, { kind: 'gate' }, { kind: 'sum' }],
  region: [
    ...['none', 'saliency', 'boxes', 'centre', 'random', 'duplicate'].map((kind) => ({ kind })),
    { kind: 'segmentation', model: 'u2netp' },
    { kind: 'grounding', model: 'folder' },
    { kind: 'attention', checkpoint: 'run' },
    { kind: 'detector', model: 'file.onnx' },
    {
      kind: 'detector',
      model: 'file.onnx',
      output: { kind: 'columns', boxes: 'b', scores: 's', classes: 'c', order: 'xyxy' },
    },
  ],
  'negatives.inBatch': [{ kind: 'batch' }, { kind: 'none' }],
  'negatives.hard': [{ kind: 'same-category' }, { kind: 'mined' }, { kind: 'none' }],
  'negatives.spatial': [{ kind: 'gathered' }, { kind: 'none' }],
  'negatives.temporal': [{ kind: 'queue', size: 8, start: 0.5 }, { kind: 'none' }],
  alignment: [{ kind: 'single' }, moon2Alignment],
  'alignment.weights': [
    { kind: 'equal' },
    { kind: 'fixed', proportions: { image: 12, text: 3, product: 2, textToImage: 1, imageToText: 1 } },
    { kind: 'preference' },
    { kind: 'stopped' },
  ],
  'alignment.intra': [{ kind: 'none' }, moon2Alignment.intra],
  'alignment.reliability': [{ kind: 'one' }, moon2Alignment.reliability, { kind: 'oracle', multiplies: 'both' }],
  'enrich.views': [{ kind: 'none' }, { kind: 'redraw', count: 2 }],
  'enrich.titles': [{ kind: 'none' }, { kind: 'caption', steps: 2 }],
  'enrich.consistency': [{ kind: 'none' }, { kind: 'frozen', minView: 0, minTitle: 0 }],
  loss: [{ kind: 'info-nce' }],
  temperature: [
    { kind: 'fixed', value: 0.1 },
    { kind: 'learned', start: 0.1, min: 0.01, max: 1 },
  ],
  promptGate: [{ kind: 'none' }, { kind: 'attend' }],
  captioning: [
    { kind: 'none' },
    { kind: 'captions', fraction: 0.1 },
    { kind: 'denoising', fraction: 0.1 },
    { kind: 'summaries', fraction: 0.1 },
  ],
  tune: [{ kind: 'full' }, { kind: 'connector' }, { kind: 'parts', parts: ['language'] }, { kind: 'lora' }],
  average: [{ kind: 'none' }, { kind: 'exponential', decay: 0.9 }],
};

const at = (config: unknown, path: string) =>
  path.split('.').reduce<unknown>((so, name) => (isRecord(so) ? so[name] : undefined), config);

function placed(config: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  const own = isRecord(config) ? config : {};
  return { ...own, [name]: rest.length ? placed(own[name], rest, value) : value };
}
const withValue = (config: unknown, path: string, value: unknown) => placed(config, path.split('.'), value);

/** Joined embeddings and hidden regions need something frozen, slots causal attention, dual alignment queries of each form, a tower of the model's own a published network. */
const baseOf = (path: string, option: object) => {
  if (path.startsWith('alignment') || path.startsWith('enrich')) return groceryMoon2;
  if (path === 'embedding' || path === 'captioning') return groceryFrozen;
  if (path === 'pooling') return { ...grocery, attention: 'causal' as const };
  return path === 'vision' && 'kind' in option && option.kind === 'own'
    ? { ...grocery, network: { from: 'folder' } }
    : grocery;
};

const examples = Object.entries(kinds).flatMap(([path, each]) =>
  each.map((option) => checkConfig(withValue(baseOf(path, option), path, option))),
);

/** Defaults filled in, so that a kind that stands there by default is there. */
const hasKind = (config: MoonConfig, { when }: Option) =>
  Object.entries(when).every(([path, each]) => each.includes(String(at(fillIn(configSchema, config), `${path}.kind`))));

/** Whether a config's network is from a folder exactly if the option is of such a network. */
const hasNetwork = ({ network }: MoonConfig, { path }: Option) =>
  !path.startsWith('network.') ||
  'from' in network === ['network.from', 'network.blocks', 'network.weights'].includes(path);

test('every option has a config in which it can be set', () => {
  expect(
    options.filter((option) => !examples.some((config) => hasKind(config, option) && hasNetwork(config, option))),
  ).toEqual([]);
});

describe('every option is described', () => {
  test.each(everyBase)('with help, default and range, in the base %s', (_, base) => {
    for (const each of describeOptions(base)) {
      expect(each.help, each.option).toMatch(/^[a-z0-9*].{4,120}[^.]$/);
      expect(each.accepts, each.option).toMatch(/./);
      expect(
        [each.default !== null, each.leftOut !== undefined, each.required].filter(Boolean),
        each.option,
      ).toHaveLength(1);
    }
  });

  test.each(everyBase)('and every value of the base %s belongs to one', (_, base) => {
    const paths = new Set(options.map(({ path }) => path));
    const leaves = (value: unknown, path: string): string[] =>
      isRecord(value)
        ? Object.entries(value).flatMap(([name, inner]) => leaves(inner, path ? `${path}.${name}` : name))
        : [path];
    expect(leaves(base, '').filter((path) => !paths.has(path))).toEqual([]);
    // What a base has of its kinds, it gives wherever it must.
    const must = describeOptions(base).filter(({ required, when, option }) => {
      const own = { when, path: option } as Option;
      return required && hasKind(base, own) && hasNetwork(base, own);
    });
    expect(must).toEqual([]);
  });

  test('with a default that it accepts, and filling in changes nothing that is said', () => {
    const filled = new Set<string>();
    for (const config of [...examples, ...everyBase.map(([, base]) => base)]) {
      const before = JSON.stringify(config);
      const full = fillIn(configSchema, config);
      for (const option of options)
        if (
          option.default !== undefined &&
          at(config, option.path) === undefined &&
          hasKind(config, option) &&
          hasNetwork(config, option)
        ) {
          expect(at(full, option.path), option.path).toEqual(option.default);
          filled.add(option.path);
        }
      expect(JSON.stringify(config)).toBe(before);
      expect(checkConfig(config)).toBe(config);
    }
    const set = new Set(
      options
        .filter((option) => everyBase.every(([, base]) => at(base, option.path) !== undefined))
        .map(({ path }) => path),
    );
    expect(
      options.filter(({ path, default: value }) => value !== undefined && !filled.has(path) && !set.has(path)),
    ).toEqual([]);
  });
});

/** Values that no option of these words accepts. */
function wrongFor(accepts: string): fc.Arbitrary<unknown> {
  const notNumbers = [fc.constantFrom(null, true, [], {}, [1]), fc.string()];
  const [, min] = /(?:from|at least) (\S+)/.exec(accepts) ?? [];
  const [, max] = / to (\S+)/.exec(accepts) ?? [];
  const number = fc.oneof(
    ...notNumbers,
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    ...(min === undefined ? [] : [fc.double({ max: Number(min) - 1e-6, noNaN: true })]),
    ...(max === undefined ? [] : [fc.double({ min: Number(max) + 1e-6, noNaN: true })]),
  );
  if (accepts.startsWith('list'))
    return fc.oneof(
      fc.constantFrom(null, 1, 'a', {}),
      wrongFor(accepts.replace(/^[^:]*: /, '')).map((entry) => [entry, entry]),
    );
  if (accepts.startsWith('integer'))
    return fc.oneof(
      number,
      fc.integer().map((value) => value + 0.5),
    );
  if (accepts.startsWith('number')) return number;
  if (accepts === 'text') return fc.constantFrom(null, '', 1, false, [], {});
  if (accepts === 'true | false') return fc.oneof(fc.constantFrom(null, 0, 1, [], {}), fc.string());
  return fc.oneof(
    fc.constantFrom(null, 0, true, [], {}),
    fc.string().filter((name) => !accepts.split(' | ').includes(name)),
  );
}

describe('a wrong value is refused in one sentence', () => {
  const settable = options.flatMap((option) => {
    const config = examples.find((each) => hasKind(each, option) && hasNetwork(each, option));
    return config ? [{ option, config }] : [];
  });

  test('that names the option and what it accepts, whatever the value', () => {
    const any = fc.constantFrom(...settable).chain(({ option, config }) =>
      wrongFor(option.accepts).map((value) => ({
        option,
        wrong: withValue(fillIn(configSchema, config), option.path, value),
      })),
    );
    fc.assert(
      fc.property(any, ({ option, wrong }) => {
        const message = refusal(wrong);
        expect(message.startsWith(option.path), message).toBe(true);
        expect(message).toMatch(/^[\w.]+(\[\d\])?: got .*, expected [^.]*(\d\.\d+[^.]*)*\.$/);
      }),
      { numRuns: 1000 },
    );
  });

  test('and so is an unknown name, wherever it stands', () => {
    const parents = [...new Set(settable.map(({ option }) => option.path.split('.').slice(0, -1).join('.')))];
    const any = fc.record({ parent: fc.constantFrom(...parents), name: fc.stringMatching(/^[a-z]{1,8}X$/) });
    fc.assert(
      fc.property(any, ({ parent, name }) => {
        const path = parent ? `${parent}.${name}` : name;
        const config = settable.find(({ option }) => option.path.startsWith(parent && `${parent}.`))!.config;
        expect(refusal(withValue(fillIn(configSchema, config), path, 1))).toMatch(
          new RegExp(`^${path}: is unknown \\(known here: [\\w, -]+\\); did you mean [\\w-]+\\?$`),
        );
      }),
    );
  });

  test.each([
    ['imageSize=1000000', 'imageSize: got 1000000, expected an integer from 8 to 1024.'],
    ['imageSize=0', 'imageSize: got 0'],
    ['microBatch=1000000', 'microBatch: got 1000000'],
    ['microBatch=0', 'microBatch: got 0'],
    ['engine.compile=1', 'engine.compile: got 1, expected true or false.'],
    ['engine.precision=half', 'engine.precision: got "half"'],
    ['optimizer.steps=-1', 'optimizer.steps: got -1'],
    ['optimizer.accumulate=1000000', 'optimizer.accumulate: got 1000000'],
    ['sampler.products=1000000', 'sampler.products: got 1000000'],
    ['network.depth=1000000', 'network.depth: got 1000000'],
    ['network.vocabulary=1000000', 'network.vocabulary: got 1000000'],
    ['network.stem.channels=[1000000]', 'network.stem.channels[0]: got 1000000'],
    ['network.stem.channels=[]', 'network.stem.channels: got []'],
    ['negatives.temporal.size=1000000', 'negatives.temporal.size: got 1000000'],
    ['negatives.spatial.groups=1000000', 'negatives.spatial.groups: got 1000000'],
    ['maxTextTokens=1000000', 'maxTextTokens: got 1000000'],
    ['optimizer.beta2=1', 'optimizer.beta2: got 1'],
    ['optimizer.rates=[]', 'optimizer.rates: got []'],
  ])('%s', (setting, message) => {
    expect(() => readConfig({}, [setting])).toThrow(message);
  });
});

function refusal(config: unknown): string {
  try {
    checkConfig(config);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error(`nothing is refused in ${JSON.stringify(config)}`);
}

describe('a former name is refused with the name of now', () => {
  const owners: Record<string, object> = {
    'vision.variants': { vision: { kind: 'onnx', model: 'folder', variants: 4 } },
    'captioning.share': { captioning: { kind: 'captions', share: 0.1 } },
    'temperature.least': { temperature: { kind: 'learned', start: 0.07, least: 0.02, max: 0.2 } },
    'temperature.most': { temperature: { kind: 'learned', start: 0.07, min: 0.02, most: 0.2 } },
  };

  test.each([
    ['draw', 'draw: is now called sampler.'],
    [
      'sampler.asked',
      'sampler.asked: is now called logged, the probability that a text query is taken from the log; otherwise it is synthesised.',
    ],
    ['longestText', 'longestText: is now called maxTextTokens, maximum tokens of one text field; longer text is cut.'],
    ['temperature.least', 'temperature.least: is now called min, the smallest temperature that can be learned.'],
    ['temperature.most', 'temperature.most: is now called max, the largest temperature that can be learned.'],
    [
      'negatives.temporal.warmUp',
      'negatives.temporal.warmUp: is now called start, the fraction of the steps after which queue items are negatives.',
    ],
    [
      'captioning.share',
      'captioning.share: is now called fraction, the fraction of the steps in the captioning stage.',
    ],
    [
      'optimizer.warmUp',
      'optimizer.warmUp: is now called warmUpSteps, warm-up updates in which the learning rate rises to its peak; at most a fifth of all.',
    ],
    [
      'vision.variants',
      'vision.variants: is now called views, number of augmented views of a training picture, including the picture itself.',
    ],
  ])('%s', (path, message) => {
    const changes = owners[path] ?? withValue({}, path, 1);
    expect(() => withSettings(grocery, changes)).toThrow(message);
    const saved = owners[path] ? { ...grocery, ...owners[path] } : withValue(grocery, path, 1);
    expect(() => checkSavedConfig(saved, 'runs/a')).toThrow(
      `runs/a: contains a config of another version of moon-lab. Train again. ${message}`,
    );
  });

  test('every one of them names an option of now', () => {
    const parts = new Set(
      options.flatMap(({ path }) => path.split('.').map((_, at, names) => names.slice(0, at + 1).join('.'))),
    );
    for (const [path, now] of Object.entries(formerNames)) {
      expect(parts).toContain(path.replace(/[^.]*$/, now));
      expect(parts).not.toContain(path);
    }
  });

  test('where the kind has no such option it is unknown', () => {
    expect(() => readConfig({}, ['vision.variants=2'])).toThrow(
      'vision.variants: is unknown (known here: kind, resolution, whiteBalance, mirrored)',
    );
  });
});

test('an option has one range and one default, wherever it is read', async () => {
  const sideOf = (side: number) => ({ kind: 'saliency', side }) as const;
  for (const side of [8, 48, 4096]) {
    expect(checkConfig({ ...grocery, region: sideOf(side) }).region).toEqual(sideOf(side));
    (await detectorOf(sideOf(side)))!.dispose();
  }
  for (const side of [7, 4097, 8.5]) {
    const message = `region.side: got ${side}, expected an integer from 8 to 4096.`;
    expect(refusal({ ...grocery, region: sideOf(side) })).toBe(message);
    await expect(detectorOf(sideOf(side))).rejects.toThrow(message);
  }
  expect(hardOption({ kind: 'mined' })).toEqual({ kind: 'mined', nearest: 16, ceiling: 0.95, weight: 1 });
  const mined = options.filter(({ when }) => when['negatives.hard']?.includes('mined'));
  expect(mined.map((option) => [option.path, option.default])).toEqual([
    ['negatives.hard.weight', 1],
    ['negatives.hard.nearest', 16],
    ['negatives.hard.ceiling', 0.95],
  ]);
});

describe('the table of options', () => {
  test('shows a part in columns, with the values of a base', () => {
    expect(optionsTable(describeOptions(grocery, 'negatives.temporal'), 'grocery')).toBe(
      `
option                     default (grocery)   accepts                         what it is
negatives.temporal.kind    queue               queue | none                    whether items of past updates are
                                                                               negatives
negatives.temporal.size    64                  integer from 0 to 262144        queue: number of items in the queue
negatives.temporal.start   0.5                 number from 0 to 1              queue: the fraction of the steps after
                                                                               which queue items are negatives
negatives.temporal.weight  1                   number at least 0               queue: factor on these negatives' terms
                                                                               in the softmax; 0 turns the source off`.trim(),
    );
    const [captions] = describeOptions(grocery, 'captioning.fraction');
    expect(captions).toEqual({
      option: 'captioning.fraction',
      default: null,
      required: true,
      accepts: 'number from 0 to 1',
      when: { captioning: ['captions', 'denoising', 'summaries'] },
      help: 'the fraction of the steps in the captioning stage',
    });
    expect(describeOptions(bases.paper, 'captioning.fraction')).toEqual([
      { ...captions, default: 0.05, required: false },
    ]);
  });

  test('shows the value of the kind that the base has, and no other', () => {
    const base = withSettings(grocery, { region: { kind: 'saliency', side: 64 } });
    expect(describeOptions(base, 'region.side').map(({ default: value, when }) => [value, when.region])).toEqual([
      [64, ['saliency']],
      [640, ['detector']],
    ]);
    expect(describeOptions(base, 'network.depth')).toMatchObject([{ default: 1 }]);
    expect(describeOptions(bases.paper, 'network.depth')).toMatchObject([
      { default: null, leftOut: 'set by the size' },
    ]);
  });

  test.each(everyBase)('fits a terminal of 120 columns, in the base %s', (name, base) => {
    const lines = optionsTable(describeOptions(base), name).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
    const named = lines.flatMap((line) => /^(\S+)/.exec(line)?.[1] ?? []);
    expect(named).toEqual(['option', ...options.map(({ path }) => path)]);
  });

  test('a part that there is not is named with the nearest', () => {
    expect(() => describeOptions(grocery, 'negatives.temporl')).toThrow(
      "option: got 'negatives.temporl', which is unknown; did you mean negatives.temporal?",
    );
    expect(() => describeOptions(grocery, 'negatives.temp')).toThrow('did you mean negatives.');
  });
});
