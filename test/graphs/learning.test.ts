import { expect, test } from 'vitest';
import { withSteps } from '../../src/config/with-steps.js';
import { startNetwork } from '../../src/encoder/start-network.js';
import { startEngine } from '../../src/engine/engine.js';
import { askNetwork } from '../../src/graphs/ask.js';
import { graphCatalogue } from '../../src/graphs/catalogue.js';
import { graphSettings } from '../../src/graphs/study-settings.js';
import { learnAnswers, learnFromReward, learnMore, rewardOf } from '../../src/graphs/train-rows.js';
import { loadPixels } from '../../src/pictures/picture-store.js';
import type { StepRecord } from '../../src/train/step-record.js';
import { someQuestions } from './some-graphs.js';

const { encoder, reward } = graphSettings;
const config = {
  ...encoder,
  network: { ...encoder.network, depth: 1 },
  vision: { kind: 'none' as const },
  sampler: { ...encoder.sampler, products: 16 },
};
const known = someQuestions.filter(({ split }) => split === 'train');
const asked = someQuestions.filter(({ split }) => split === 'dev').slice(0, 32);

test('a network learns to write answers, a reward leaves its start as it was, and both last stages see as many texts', async () => {
  await startEngine();
  const pixels = await loadPixels([], { size: 1 });
  const catalogue = graphCatalogue(known, 'nothing');
  const records: StepRecord[] = [];
  const lessons = (steps: number) => ({
    catalogue,
    pixels,
    steps,
    onStep: (record: StepRecord) => void records.push(record),
    signal: new AbortController().signal,
  });
  const start = startNetwork(withSteps(config, 60), catalogue);
  const answered = async (network: typeof start) => {
    const said = await askNetwork(network, asked, 'nothing', { pixels, most: 32 });
    return said.filter(Boolean).length / said.length;
  };
  const learned = await learnAnswers(start, lessons(60));
  expect(await answered(start)).toBeLessThan(0.2);
  expect(await answered(learned)).toBeGreaterThan(0.7);

  const before = await learned.parameters.data();
  const few = { ...reward, questions: 2, samples: 4, most: 32 };
  records.length = 0;
  const rewarded = await learnFromReward(learned, rewardOf(true), few, lessons(2));
  expect(records.map(({ measures }) => Object.keys(measures))).toEqual(
    Array(2).fill(expect.arrayContaining(['reward', 'flat'])),
  );
  expect(await learned.parameters.data()).toEqual(before);
  expect(await rewarded.parameters.data()).not.toEqual(before);
  const longer = await learnMore(learned, few, lessons(2));
  expect(rewarded.config.sampler.products).toBe(2);
  expect(longer.config.sampler.products).toBe(8);
  for (const { parameters } of [start, learned, rewarded, longer]) parameters.dispose();
});
