import { describe, expect, test } from 'vitest';
import type { MoonConfig } from '../../../src/config/config.js';
import { prepare } from '../../../src/encoder/prepare.js';
import { countLeaks } from '../../../src/engine/memory.js';
import { type TrainOptions, train } from '../../../src/train/loop.js';
import type { StepRecord } from '../../../src/train/step-record.js';
import { localExchanges } from '../../cluster/local-exchange.js';
import { shortConfig, shortShop } from '../run/short-run.js';

const shop = shortShop();
/** All that a contrastive step has: a queue, labels, several queries of a product, experts whose balance counts, both directions. */
const config: MoonConfig = {
  ...shortConfig,
  balance: 0.5,
  loss: { kind: 'info-nce', smoothing: 0.1, symmetric: true },
  captioning: { kind: 'none' },
  sampler: { ...shortConfig.sampler, products: 5, queries: 2 },
  negatives: { ...shortConfig.negatives, spatial: { kind: 'gathered', groups: 2 } },
  optimizer: { ...shortConfig.optimizer, steps: 2, accumulate: 1 },
  engine: { compile: false },
};

interface Run {
  records: StepRecord[];
  weights: Float32Array;
  /** AdamW's mean after the first update: the gradient, clipped, times a constant. */
  gradient: Float32Array;
}

async function run(own: MoonConfig, options: TrainOptions = {}): Promise<Run> {
  const { encoder, pixels } = await prepare(own, shop);
  const records: StepRecord[] = [];
  let gradient = new Float32Array();
  await train(encoder, shop, pixels, {
    onState: ({ tensors }, { step }) => {
      if (step === 1) gradient = tensors.mean.dataSync() as Float32Array<ArrayBuffer>;
    },
    onStep: (record) => records.push(record),
    ...options,
  });
  const weights = encoder.parameters.dataSync() as Float32Array;
  encoder.parameters.dispose();
  return { records, weights, gradient };
}

const together = (own: MoonConfig, world = 2) =>
  Promise.all(localExchanges(world).map((exchange) => run(own, { exchange })));

/** The largest difference, as a fraction of the largest number. */
function apart(a: Float32Array, b: Float32Array): number {
  const largest = (values: Float32Array) => values.reduce((max, each) => Math.max(max, Math.abs(each)), 0);
  return largest(a.map((each, at) => each - b[at])) / largest(b);
}

/** Where numbers do not matter: as few operations as a step can have. */
const simple: MoonConfig = {
  ...config,
  experts: { kind: 'none' },
  auxiliary: { supervised: 0, labels: 0 },
  sampler: { ...config.sampler, products: 2, queries: 1 },
};

describe.each<[string, number, Partial<MoonConfig>]>([
  ['three workers, whose shares are not equal', 3, {}],
  [
    'two workers in micro-batches, whose products bring a hard negative each, with two batches an update',
    2,
    {
      microBatch: 3,
      sampler: { ...config.sampler, queries: 1, together: 1 },
      optimizer: { ...config.optimizer, steps: 1, accumulate: 2 },
    },
  ],
])('%s', (_, world, change) => {
  test('have the loss and the gradient of one with as many groups, and one another’s weights to the bit', async () => {
    const own: MoonConfig = {
      ...config,
      negatives: { ...config.negatives, spatial: { kind: 'gathered', groups: world } },
      ...change,
    };
    // One process counts the router's balance by micro-batches.
    const one = await run({ ...own, microBatch: config.microBatch });
    const [first, ...others] = await together(own, world);
    expect(apart(first.gradient, one.gradient)).toBeLessThan(1e-5);
    for (const [at, { loss, measures, uniqueNegatives, size }] of one.records.entries()) {
      const shared = first.records[at];
      expect(shared.loss).toBeCloseTo(loss, 4);
      expect(shared).toMatchObject({ uniqueNegatives, size });
      expect(Object.keys(shared.measures)).toEqual(Object.keys(measures));
      for (const name of Object.keys(measures)) expect(shared.measures[name], name).toBeCloseTo(measures[name], 4);
    }
    for (const other of others) expect(Buffer.compare(bytes(other.weights), bytes(first.weights))).toBe(0);
  });
});

const bytes = ({ buffer, byteOffset, byteLength }: Float32Array) => Buffer.from(buffer, byteOffset, byteLength);

test('a short stage of captions is computed by each alike, and counts once', async () => {
  const own: MoonConfig = { ...simple, captioning: { kind: 'captions', fraction: 0.5 } };
  const one = await run(own);
  const [first] = await together(own);
  expect(first.records.map(({ stage }) => stage)).toEqual(['captions', 'contrastive']);
  expect(apart(first.gradient, one.gradient)).toBeLessThan(1e-5);
  expect(first.records[1].loss).toBeCloseTo(one.records[1].loss, 4);
  await expect(together({ ...own, captioning: { kind: 'captions', fraction: 1 } })).rejects.toThrow(
    'Several workers cannot share the steps of the objective captions. Train it on one worker.',
  );
});

test('all stop after one update when one is asked to, and leave no tensor behind', async () => {
  await together({ ...simple, optimizer: { ...simple.optimizer, steps: 1 } });
  const long: MoonConfig = { ...simple, optimizer: { ...simple.optimizer, steps: 6 } };
  const controller = new AbortController();
  // The second worker is asked in its first update.
  const onState = () => controller.abort();
  let runs: Run[] = [];
  const { leaked } = await countLeaks(async () => {
    runs = await Promise.all(
      localExchanges(2).map((exchange, rank) =>
        run(long, { exchange, ...(rank && { signal: controller.signal, onState }) }),
      ),
    );
  });
  for (const { records } of runs) expect(records.map(({ step }) => step)).toEqual([1, 2]);
  expect(leaked).toBe(0);
});

test('a worker with other weights is refused by name', async () => {
  const [first, second] = localExchanges(2);
  const other = { ...simple, seed: 2 };
  await expect(Promise.all([run(simple, { exchange: first }), run(other, { exchange: second })])).rejects.toThrow(
    'Worker 1 has other weights than worker 0.',
  );
});

test('a step with fewer queries than workers is refused', async () => {
  await expect(together(simple, 3)).rejects.toThrow(
    'workers: got 3, expected at most 2, the queries of a step. Raise sampler.products.',
  );
});
