import { beforeAll, expect, test } from 'vitest';
import type { Experiment } from '../../src/encoder/prepare.js';
import { prepare } from '../../src/encoder/prepare.js';
import { countLeaks } from '../../src/engine/memory.js';
import { ineffectiveSettings } from '../../src/train/first-losses.js';
import { shortConfig, shortShop } from './run/short-run.js';

const shop = shortShop();
const { negatives } = shortConfig;
let experiment: Experiment;

beforeAll(async () => {
  experiment = await prepare(shortConfig, shop);
});

const tried = (config: typeof shortConfig) => ineffectiveSettings(shortConfig, config, shop, experiment.pixels);

test('a setting that nothing reads is named; other steps and another seed cannot hide it', async () => {
  const queue = {
    ...shortConfig,
    negatives: { ...negatives, temporal: { kind: 'queue' as const, size: 0, start: 0 } },
  };
  const same = { ...queue, negatives: { ...negatives, temporal: { kind: 'none' as const } } };
  const { optimizer } = shortConfig;
  const other = { ...same, seed: 5, optimizer: { ...optimizer, steps: 20 } };
  expect(await ineffectiveSettings(queue, other, shop, experiment.pixels)).toEqual([
    'negatives.temporal.kind',
    'negatives.temporal.size',
    'negatives.temporal.start',
  ]);
});

test('a setting that does something is not, nor is a run without a change of a piece; no tensor is left', async () => {
  const { leaked } = await countLeaks(async () => {
    expect(await tried({ ...shortConfig, negatives: { ...negatives, temporal: { kind: 'none' } } })).toBeUndefined();
    expect(await tried({ ...shortConfig, seed: 3 })).toBeUndefined();
    expect(await tried({ ...shortConfig, region: { kind: 'none' } })).toBeUndefined();
  });
  expect(leaked).toBe(0);
});
