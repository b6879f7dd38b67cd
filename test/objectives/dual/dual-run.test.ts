import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkConfig } from '../../../src/config/check-config.js';
import type { MoonConfig } from '../../../src/config/config.js';
import { withSteps } from '../../../src/config/with-steps.js';
import { moon2Of } from '../../../src/datasets/moon2.js';
import { generateShop } from '../../../src/datasets/shop/shop.js';
import { prepare } from '../../../src/encoder/prepare.js';
import { countLeaks } from '../../../src/engine/memory.js';
import { train } from '../../../src/train/loop.js';
import { trainRun } from '../../../src/train/run/train-run.js';
import type { StepRecord } from '../../../src/train/step-record.js';
import { digits, shopOptions, shortConfig, shortShop } from '../../train/run/short-run.js';

const { enrich: _, ...config }: MoonConfig = moon2Of({
  ...shortConfig,
  captioning: { kind: 'none' },
  optimizer: { ...shortConfig.optimizer, steps: 8, accumulate: 1 },
});

async function records(given: MoonConfig, shop = shortShop()): Promise<StepRecord[]> {
  const { encoder, pixels } = await prepare(given, shop);
  const all: StepRecord[] = [];
  await train(encoder, shop, pixels, { onStep: (record) => all.push(record) });
  encoder.parameters.dispose();
  return all;
}

test('the compiled and the plain step take the same way, and leave nothing behind', async () => {
  const engine = { compile: false };
  const { result: compiled, leaked } = await countLeaks(() => records(config));
  const plain = await records({ ...config, engine });
  expect(leaked).toBe(0);
  const [first, again] = [compiled[0], plain[0]];
  for (const [name, value] of Object.entries(first.measures)) expect(again.measures[name], name).toBeCloseTo(value, 4);
  expect(compiled.at(-1)!.loss).toBeCloseTo(plain.at(-1)!.loss, 1);
  // 4 products in all three forms; 5 objectives whose weights sum to about 1.
  expect(first.size.pictures).toBeGreaterThan(0);
  const weights = Object.entries(first.measures).filter(([name]) => name.endsWith('Weight'));
  expect(weights).toHaveLength(5);
  expect(weights.reduce((sum, [, weight]) => sum + weight, 0)).toBeCloseTo(1, 1);
});

test('a stopped run resumes to the same digits', async () => {
  const shop = shortShop();
  const root = mkdtempSync(join(tmpdir(), 'moon-dual-'));
  const plain = { ...config, engine: { compile: false } };
  const whole = await trainRun(join(root, 'whole'), plain, shop, { every: 4 });
  const stop = new AbortController();
  const onStep = ({ step }: StepRecord) => step === 5 && stop.abort();
  const halved = await trainRun(join(root, 'halved'), plain, shop, { every: 4, signal: stop.signal, onStep });
  const resumed = await trainRun(join(root, 'halved'), plain, shop, { resume: true });
  for (const { encoder } of [whole, halved, resumed]) encoder.parameters.dispose();
  expect(digits(join(root, 'halved'))).toEqual(digits(join(root, 'whole')));
});

test('wrong purchases are known to the record and to the oracle alone', async () => {
  const wrong = generateShop({ ...shopOptions, wrongPurchases: 0.5 });
  const short = { ...withSteps(config, 2), engine: { compile: false } };
  const [one] = await records(short, wrong);
  expect(one.measures.phiWrong).toBeGreaterThan(0);
  const clean = await records(short);
  expect(clean[0].measures.phiWrong).toBe(0);
});

test.each<[string, Partial<MoonConfig>]>([
  ['sampler', { sampler: { ...config.sampler, forms: 'mix' } }],
  ['alignment.weights.kind', { experts: shortConfig.experts }],
  ['microBatch', { microBatch: 8 }],
  ['alignment.reliability.kind', { negatives: { ...config.negatives, hard: { kind: 'none' } } }],
  ['loss.symmetric', { loss: { kind: 'info-nce', symmetric: true } }],
  ['pooling.nested', { pooling: { kind: 'mean', nested: [8] } }],
  ['experts.topK', { experts: { kind: 'modality', count: 4, topK: 1, blocks: [0] } }],
])('a config without what dual alignment reads is refused: %s', (place, change) => {
  expect(() => checkConfig({ ...config, ...change })).toThrow(place);
});
