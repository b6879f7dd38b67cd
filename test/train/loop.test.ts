import { describe, expect, test } from 'vitest';
import type { MoonConfig } from '../../src/config/config.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import type { Encoder } from '../../src/encoder/encoder.js';
import { prepare } from '../../src/encoder/prepare.js';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { retrieval } from '../../src/evaluate/retrieval.js';
import { type TrainOptions, train } from '../../src/train/loop.js';
import type { StepRecord } from '../../src/train/step-record.js';
import { copyState, type TrainState } from '../../src/train/train-state.js';
import { withoutTimes } from './run/short-run.js';

/** A dozen drawn products and a network of a few thousand weights: the loop itself is under test. */
const plain = { clutter: 0, background: 0, watermark: 0, nearIdentical: 0 };
const shop = generateShop({ ...plain, products: 60, trainQueries: 240, evaluationQueries: 20, imageSize: 48 });
const config: MoonConfig = {
  ...grocery,
  network: { size: 'nano', vocabulary: 400, stem: { kind: 'patch' } },
  imageSize: 32,
  negatives: { ...grocery.negatives, temporal: { kind: 'queue', size: 24, start: 0.5 } },
  sampler: { ...grocery.sampler, products: 8 },
  optimizer: { ...grocery.optimizer, steps: 6, warmUpSteps: 2 },
};

async function run(changes: Partial<MoonConfig> = {}, options: TrainOptions = {}) {
  const { encoder, pixels } = await prepare({ ...config, ...changes }, shop);
  const records: StepRecord[] = [];
  await train(encoder, shop, pixels, { ...options, onStep: (record) => records.push(record) });
  return { encoder, pixels, records };
}

const same = async (a: tf.Tensor, b: tf.Tensor) =>
  Buffer.from((await a.data()).buffer).equals(Buffer.from((await b.data()).buffer));

test('two runs of one config are the same, bit for bit; another seed is not', async () => {
  const [first, second] = [await run(), await run()];
  expect(withoutTimes(second.records)).toEqual(withoutTimes(first.records));
  expect(second.encoder.parameters.dataSync()).toEqual(first.encoder.parameters.dataSync());
  expect(withoutTimes((await run({ seed: 2 })).records)).not.toEqual(withoutTimes(first.records));
});

test('training and measuring leave no tensor behind', async () => {
  const { encoder, pixels } = await prepare(config, shop);
  const { leaked } = await countLeaks(async () => {
    await train(encoder, shop, pixels);
    await retrieval(encoder, shop, pixels, { split: 'val' });
  });
  expect(leaked).toBe(0);
});

test('it learns: the loss falls, and queries come nearer to what was bought than to the rest', async () => {
  const { records } = await run({
    negatives: { ...config.negatives, temporal: { kind: 'none' } },
    optimizer: { ...config.optimizer, steps: 90, warmUpSteps: 5 },
  });
  const mean = (part: StepRecord[]) => part.reduce((sum, { loss }) => sum + loss, 0) / part.length;
  expect(mean(records.slice(-10))).toBeLessThan(mean(records.slice(0, 10)) - 0.3);
  const { positive, negative } = records.at(-1)!.measures;
  expect(positive).toBeGreaterThan(negative + 0.1);
});

test('stops after the running step when asked to', async () => {
  const controller = new AbortController();
  const { encoder, pixels } = await prepare(config, shop);
  let steps = 0;
  const onStep = () => {
    if (++steps === 2) controller.abort();
  };
  await train(encoder, shop, pixels, { signal: controller.signal, onStep });
  expect(steps).toBe(2);
});

test('a loss that is not finite stops it with the step and the queries', async () => {
  const { encoder, pixels } = await prepare(config, shop);
  const broken: Encoder = { ...encoder, parameters: tf.fill(encoder.parameters.shape, Number.NaN) as tf.Tensor1D };
  await expect(train(broken, shop, pixels)).rejects.toThrow(/^Step 1: the loss is NaN. Its queries were 0:/);
});

describe('going on', () => {
  const long: Partial<MoonConfig> = {
    captioning: { kind: 'captions', fraction: 0.34 },
    average: { kind: 'exponential', decay: 0.9 },
    optimizer: { ...config.optimizer, steps: 6, accumulate: 2 },
    negatives: { ...config.negatives, hard: { kind: 'mined', nearest: 4, ceiling: 0.9999 } },
    // Every product brings its mined negative along: steps of another shape than before there were any.
    sampler: { ...config.sampler, together: 1 },
  };

  test('from any state gives the weights and the records of a run that never stopped', async () => {
    const states = new Map<number, TrainState>();
    const whole = await run(long, { onState: (state) => void states.set(state.step, copyState(state)) });
    expect(whole.records.map(({ stage }) => stage).join(' ')).toBe(
      `${'captions '.repeat(2)}${'contrastive '.repeat(4)}`.trim(),
    );
    for (const step of [1, 4]) {
      const resumed = await run(long, { resume: states.get(step) });
      expect(withoutTimes(resumed.records)).toEqual(withoutTimes(whole.records).slice(step));
      expect(await same(resumed.encoder.parameters, whole.encoder.parameters)).toBe(true);
    }
  });
});

test('an update in micro-batches has the loss and the gradient of one big batch', async () => {
  const { records } = await run({ balance: 0, optimizer: { ...config.optimizer, steps: 1 } });
  const small = await run({ balance: 0, microBatch: 3, optimizer: { ...config.optimizer, steps: 1 } });
  expect(small.records[0].loss).toBeCloseTo(records[0].loss, 5);
  expect(small.records[0].gradientNorm / records[0].gradientNorm).toBeCloseTo(1, 4);
});
