import { beforeAll, describe, expect, test } from 'vitest';
import type { MoonConfig } from '../../src/config/config.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { preparePixels } from '../../src/encoder/prepare.js';
import { startNetwork } from '../../src/encoder/start-network.js';
import type { Pixels } from '../../src/pictures/picture-store.js';
import { train } from '../../src/train/loop.js';
import type { StepRecord } from '../../src/train/step-record.js';

/** Every piece of MOON is switched alone, and the first steps say whether the switch did what its name says. */
const shop = generateShop({ products: 60, trainQueries: 240, evaluationQueries: 10, imageSize: 32, clutter: 0.5 });
const base: MoonConfig = {
  ...grocery,
  network: { size: 'nano', vocabulary: 400, stem: { kind: 'patch' } },
  vision: { kind: 'qwen' },
  imageSize: 32,
  experts: { kind: 'guided', count: 5, topK: 1, blocks: [1] },
  region: { kind: 'boxes' },
  sampler: { ...grocery.sampler, products: 12, together: 2 },
  negatives: { ...grocery.negatives, temporal: { kind: 'queue', size: 24, start: 0.25 } },
  auxiliary: { supervised: 0, labels: 0 },
  optimizer: { ...grocery.optimizer, steps: 4 },
  engine: { compile: false },
};
const { negatives } = base;
const experts = base.experts as Exclude<MoonConfig['experts'], { kind: 'none' }>;

let unchanged: StepRecord[];
const pictures = new Map<string, Pixels>();

async function firstSteps(config: MoonConfig): Promise<StepRecord[]> {
  const key = JSON.stringify(config.region);
  const pixels = pictures.get(key) ?? (await preparePixels(config, shop));
  pictures.set(key, pixels);
  const encoder = startNetwork(config, shop);
  const records: StepRecord[] = [];
  await train(encoder, shop, pixels, { onStep: (record) => records.push(record) });
  encoder.parameters.dispose();
  return records;
}

beforeAll(async () => {
  unchanged = await firstSteps(base);
});

const losses = (records: readonly StepRecord[]) => records.map(({ loss }) => loss);
const last = (records: readonly StepRecord[]) => records[records.length - 1];

/** What a switch is known to do, beside changing the losses. */
type Known = (records: StepRecord[], base: StepRecord[]) => void;

const switches: Record<string, { config: MoonConfig; known?: Known }> = {
  'no regions: half of the pictures': {
    config: { ...base, region: { kind: 'none' } },
    known: (records) => expect(records[0].size.pictures).toBe(unchanged[0].size.pictures / 2),
  },
  'the crop alone: half of the pictures': {
    config: { ...base, views: 'crop' },
    known: (records) => expect(records[0].size.pictures).toBe(unchanged[0].size.pictures / 2),
  },
  'another region': { config: { ...base, region: { kind: 'centre' } } },
  'no experts: nothing to balance': {
    config: { ...base, experts: { kind: 'none' } },
    known: (records) => expect(records.map(({ measures }) => measures.balance)).toEqual([0, 0, 0, 0]),
  },
  'no guidance': { config: { ...base, experts: { ...experts, kind: 'plain' } } },
  'more experts': { config: { ...base, experts: { ...experts, count: 8 } } },
  'two experts a token': { config: { ...base, experts: { ...experts, topK: 2 } } },
  'experts in another block': { config: { ...base, experts: { ...experts, blocks: [0] } } },
  'a heavier balance term': {
    config: { ...base, balance: 1 },
    known: (records) => expect(records[0].loss).toBeGreaterThan(unchanged[0].loss),
  },
  'no negatives in the batch: an easier choice': {
    config: { ...base, negatives: { ...negatives, inBatch: { kind: 'none' } } },
    known: (records) => {
      expect(records[0].measures.contrastive).toBeLessThan(unchanged[0].measures.contrastive);
      expect(records[0].measures.inBatchCount).toBeUndefined();
    },
  },
  'heavier negatives in the batch: a harder choice': {
    config: { ...base, negatives: { ...negatives, inBatch: { kind: 'batch', weight: 4 } } },
    known: (records) => expect(records[0].measures.contrastive).toBeGreaterThan(unchanged[0].measures.contrastive),
  },
  'no hard negatives: none is named, and none stands in the step on purpose': {
    config: { ...base, negatives: { ...negatives, hard: { kind: 'none' } } },
    known: (records) => {
      expect(unchanged[0].measures.hardCount).toBeGreaterThan(0);
      expect(records.every(({ measures }) => measures.hardCount === undefined)).toBe(true);
    },
  },
  'heavier hard negatives: a harder choice': {
    config: { ...base, negatives: { ...negatives, hard: { kind: 'same-category', weight: 4 } } },
    known: (records) => expect(records[0].measures.contrastive).toBeGreaterThan(unchanged[0].measures.contrastive),
  },
  'hard negatives of a wider category': {
    config: { ...base, negatives: { ...negatives, hard: { kind: 'same-category', level: 1 } } },
  },
  'mined hard negatives': { config: { ...base, negatives: { ...negatives, hard: { kind: 'mined' } } } },
  'no spatial negatives: an easier choice': {
    config: { ...base, negatives: { ...negatives, spatial: { kind: 'none', groups: 4 } } },
    known: (records) => {
      expect(records[0].measures.contrastive).toBeLessThan(unchanged[0].measures.contrastive);
      expect(records[0].measures.spatialCount).toBeUndefined();
    },
  },
  'lighter spatial negatives: an easier choice': {
    config: { ...base, negatives: { ...negatives, spatial: { kind: 'gathered', weight: 0.25 } } },
    known: (records) => expect(records[0].measures.contrastive).toBeLessThan(unchanged[0].measures.contrastive),
  },
  'fewer groups: fewer spatial negatives': {
    config: { ...base, negatives: { ...negatives, spatial: { kind: 'gathered', groups: 2, weight: 0.5 } } },
    known: (records) => expect(records[0].measures.spatialCount).toBeLessThan(unchanged[0].measures.spatialCount),
  },
  'no temporal negatives': {
    config: { ...base, negatives: { ...negatives, temporal: { kind: 'none' } } },
    known: (records) => {
      expect(losses(records)[0]).toBe(losses(unchanged)[0]);
      expect(last(unchanged).measures.temporalCount).toBeGreaterThan(0);
      expect(last(records).measures.temporalCount).toBeUndefined();
    },
  },
  'a longer queue: more temporal negatives': {
    config: { ...base, negatives: { ...negatives, temporal: { kind: 'queue', size: 48, start: 0.25 } } },
    known: (records) =>
      expect(last(records).measures.temporalCount).toBeGreaterThan(last(unchanged).measures.temporalCount),
  },
  'a queue that counts later': {
    config: { ...base, negatives: { ...negatives, temporal: { kind: 'queue', size: 24, start: 0.75 } } },
    known: (records) => expect(records[1].measures.temporalCount).toBeUndefined(),
  },
};

describe('a switch of a piece changes what is trained', () => {
  test.each(Object.entries(switches))('%s', async (_, { config, known }) => {
    const records = await firstSteps(config);
    expect(losses(records)).not.toEqual(losses(unchanged));
    known?.(records, unchanged);
  });
});
