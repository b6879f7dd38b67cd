import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withSteps } from '../../src/config/with-steps.js';
import { graphsStudy } from '../../src/graphs/graphs-study.js';
import { graphSettings } from '../../src/graphs/study-settings.js';
import { graphShopOptions } from './some-graphs.js';

const { encoder, reward } = graphSettings;

test('the study trains all networks, asks them in both styles, and resumes', async () => {
  const out = join(mkdtempSync(join(tmpdir(), 'moon-graphs-')), 'study');
  const labels: string[] = [];
  const settings = {
    shop: graphShopOptions,
    questions: { train: 8, asked: 2 },
    encoder: withSteps(
      {
        ...encoder,
        network: { ...encoder.network, depth: 1 },
        vision: { kind: 'onnx' as const, model: 'test/fixtures/colours', width: 3, pool: 2, views: 1 },
        engine: { compile: false },
      },
      7,
    ),
    words: 4,
    naming: 2,
    reward: { ...reward, steps: 2, questions: 2, samples: 2 },
    most: 8,
  };
  const options = { out, settings, seeds: [1], onProgress: ({ label }: { label: string }) => void labels.push(label) };
  const { tables, measures = {} } = await graphsStudy(options);
  expect(tables.map(({ task }) => [task.name, task.n])).toEqual([
    ['all', 14],
    ['all.curved', 14],
    ['all.contradicting', 7],
    ['entity', 2],
    ['relation', 2],
    ['neighbour', 2],
    ['count', 2],
    ['error', 2],
    ['entity-reasoning', 2],
    ['relation-reasoning', 2],
  ]);
  const networks = [
    'mixed',
    'single',
    '+ answer reward',
    '+ knowledge reward',
    '+ same updates',
    'question only',
    'text ceiling',
  ];
  const rowsOf = (name: string) => tables.find(({ task }) => task.name === name)!.rows.map((row) => row.name);
  expect(rowsOf('all')).toEqual([...networks, 'majority', 'ink']);
  // Ink of another style says nothing: that row has no such task.
  expect(rowsOf('all.curved')).toEqual([...networks, 'majority']);
  for (const network of networks) expect(measures[network]).toMatchObject({ 'no answer': expect.any(Number) });
  expect(measures['+ knowledge reward']).toMatchObject({ 'flat groups': expect.any(Number) });
  labels.length = 0;
  expect((await graphsStudy(options)).tables).toEqual(tables);
  expect(labels).toEqual([]);
});
