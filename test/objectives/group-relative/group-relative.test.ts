import { describe, expect, test } from 'vitest';
import { generateShop } from '../../../src/datasets/shop/shop.js';
import { prepare } from '../../../src/encoder/prepare.js';
import { countLeaks } from '../../../src/engine/memory.js';
import * as tf from '../../../src/engine/tf.js';
import { groupAdvantages } from '../../../src/objectives/group-relative/advantages.js';
import { type GroupRelativeOption, groupRelative } from '../../../src/objectives/group-relative/group-relative.js';
import { train } from '../../../src/train/loop.js';
import type { StepRecord } from '../../../src/train/step-record.js';
import { copyState, type TrainState } from '../../../src/train/train-state.js';
import { shopOptions, shortConfig, withoutTimes } from '../../train/run/short-run.js';

describe('advantages', () => {
  test('are standard scores within each group, and groups of one reward teach nothing', () => {
    const { values, flat } = groupAdvantages([
      [1, 3, 2, 6],
      [5, 5, 5, 5],
      [0, 1, 0, 1],
    ]);
    const deviation = Math.sqrt(14 / 4);
    [1, 3, 2, 6].forEach((reward, at) => {
      expect(values[at]).toBeCloseTo((reward - 3) / deviation, 9);
    });
    expect(values.slice(4)).toEqual([0, 0, 0, 0, -1, 1, -1, 1]);
    expect(flat).toBe(1);
  });

  test('do not change with the scale and place of rewards', () => {
    const rewards = [[0.1, 0.7, 0.3]];
    const moved = groupAdvantages([rewards[0].map((reward) => 20 * reward - 7)]);
    groupAdvantages(rewards).values.forEach((value, at) => {
      expect(moved.values[at]).toBeCloseTo(value, 9);
    });
  });
});

const shop = generateShop(shopOptions);
const config = {
  ...shortConfig,
  captioning: { kind: 'captions' as const, fraction: 0.5, questions: ['title'] as const },
  average: { kind: 'none' as const },
  optimizer: { ...shortConfig.optimizer, steps: 40, rate: 3e-3, warmUpSteps: 2, accumulate: 1 },
};
/** How often one frequent letter stands in the text: something that any network can learn to write. */
const letters: GroupRelativeOption = {
  question: 'title',
  products: 2,
  samples: 8,
  most: 5,
  reward: ({ text }) => [...text].filter((letter) => letter === 'e').length,
};

async function run(option: GroupRelativeOption, own = config, resume?: TrainState) {
  const { encoder, pixels } = await prepare(own, shop);
  const records: StepRecord[] = [];
  const states: TrainState[] = [];
  await train(encoder, shop, pixels, {
    stages: [{ objective: groupRelative(option), steps: own.optimizer.steps }],
    onStep: (record) => records.push(record),
    ...(resume && { resume }),
    onState: (state) => {
      if (state.step === 3) states.push(copyState(state));
    },
  });
  encoder.parameters.dispose();
  return { records, state: states[0] };
}

const mean = (records: StepRecord[], name: string) =>
  records.reduce((sum, { measures }) => sum + measures[name], 0) / records.length;

test('texts with more reward than their group become likelier', async () => {
  const { records } = await run(letters);
  expect(mean(records.slice(-10), 'reward')).toBeGreaterThan(1.5 * mean(records.slice(0, 10), 'reward') + 0.3);
  expect(records.every(({ measures: { flat } }) => flat >= 0 && flat <= 1)).toBe(true);
});

test('one reward for all is no gradient, and is said', async () => {
  const short = { ...config, optimizer: { ...config.optimizer, steps: 3 } };
  const { records } = await run({ ...letters, reward: () => 4 }, short);
  for (const { measures } of records) expect(measures).toMatchObject({ flat: 1, policy: 0, reward: 4 });
});

test('a stopped run resumes bit for bit, with accumulated batches too, and leaves no tensor', async () => {
  const own = { ...config, optimizer: { ...config.optimizer, steps: 6, accumulate: 2 } };
  const whole = await run(letters, own);
  const { records } = await run(letters, own, whole.state);
  expect(withoutTimes(records)).toEqual(withoutTimes(whole.records.slice(3)));
  tf.dispose(whole.state.tensors);
  const { leaked } = await countLeaks(async () => {
    const { state } = await run(letters, own);
    tf.dispose(state.tensors);
  });
  expect(leaked).toBe(0);
});

test('wrong options are named', () => {
  expect(() => groupRelative({ ...letters, samples: 1 })).toThrow('samples: got 1, expected an integer of at least 2.');
  expect(() => groupRelative({ ...letters, temperature: 0 })).toThrow('temperature: got 0');
});
