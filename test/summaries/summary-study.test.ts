import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { summarySettings } from '../../src/summaries/study-settings.js';
import { summaryStudy } from '../../src/summaries/summary-study.js';

test('the study writes summaries with each piece and without it, by controls too, and resumes', async () => {
  const out = join(mkdtempSync(join(tmpdir(), 'moon-summary-')), 'study');
  const { shop, encoder } = summarySettings;
  const settings = {
    shop: { ...shop, products: 30, trainQueries: 20, evaluationQueries: 4 },
    encoder: {
      ...encoder,
      vision: { kind: 'onnx' as const, model: 'test/fixtures/colours', width: 3, pool: 2, views: 1 },
      network: { size: 'nano' as const, vocabulary: 400, stem: { kind: 'patch' as const }, depth: 2 },
      sampler: { ...encoder.sampler, products: 4 },
      optimizer: { ...encoder.optimizer, steps: 2, warmUpSteps: 1 },
      engine: { compile: false },
    },
    most: 3,
  };
  const labels: string[] = [];
  const options = { out, settings, seeds: [1], onProgress: ({ label }: { label: string }) => void labels.push(label) };
  const { tables, measures = {} } = await summaryStudy(options);
  expect(tables.map(({ task }) => task.name)).toEqual(['photo', 'text', 'false', 'rouge']);
  const losses = ['words', 'distance', 'contrast', 'regions'];
  const networks = [
    'full',
    'shuffled photo',
    ...losses.map((name) => `no ${name}`),
    'no gate',
    'text only',
    'photo only',
  ];
  expect(tables[0].rows.map(({ name }) => name)).toEqual([
    ...networks,
    'first sentence',
    'template',
    'random',
    'oracle',
  ]);
  const score = (task: number, row: string) => tables[task].rows.find(({ name }) => name === row)!.metrics.score.value;
  expect([0, 1, 2, 3].map((task) => score(task, 'oracle'))).toEqual([1, 1, 0, 1]);
  expect(score(0, 'template')).toBe(0);
  expect(score(1, 'template')).toBeGreaterThan(0.3);
  expect(tables[1].task.chance.score).toBeCloseTo(score(1, 'random'), 9);
  for (const name of losses) {
    expect(measures.full).toHaveProperty(name);
    expect(measures[`no ${name}`]).not.toHaveProperty(name);
  }
  labels.length = 0;
  expect((await summaryStudy(options)).tables).toEqual(tables);
  expect(labels).toEqual([]);
});
