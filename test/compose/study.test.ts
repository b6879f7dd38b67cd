import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { studyText } from '../../src/ablate/report/study-text.js';
import { runSeedStudyByName } from '../../src/cli/seed-study.js';
import { compositionStudy } from '../../src/compose/compose-study.js';

const tiny = {
  shop: {
    products: 900,
    imageSize: 16,
    views: 1,
    trainQueries: 1,
    evaluationQueries: 1,
    split: { train: 0.5, dev: 0.25, val: 0.25, test: 0 },
  },
  vision: { model: 'test/fixtures/colours', pool: 2, width: 3 },
  network: { width: 16, depth: 1, heads: 2 },
  rank: 2,
  words: { steps: 2, batch: 4, rate: 1e-2 },
  expert: { steps: 2, batch: 4, rate: 1e-2 },
  questions: { train: 20, dev: 4, val: 12 },
  lambdas: [0, 1],
};

test('the study of composed networks asks all of them, and resumes after its finished seeds', async () => {
  const out = join(mkdtempSync(join(tmpdir(), 'moon-compose-')), 'study');
  const trained: string[] = [];
  const options = { out, settings: tiny, onProgress: ({ label }: { label: string }) => void trained.push(label) };
  const { tables } = await compositionStudy({ ...options, seeds: [1] });
  const names = tables[0].rows.map(({ name }) => name);
  expect(tables.map(({ task }) => task.name)).toEqual(['quiz', 'quiz.photo', 'quiz.edges', 'quiz.table']);
  for (const name of ['NaiveMC, products', 'DAMC', 'DAMC, blind', 'joint training', 'photo alone', 'words of all'])
    expect(names).toContain(name);
  expect(tables[0].rows.every(({ n }) => n === 12)).toBe(true);
  expect(tables[0].task.chance.accuracy).toBe(0.25);
  // DAMC stores the adapters of three modalities and of words, NaiveMC three adapters as one of the sum of their ranks.
  const stored = (name: string) => tables[0].rows.find((row) => row.name === name)!.cost.parameters;
  expect(stored('DAMC')).toBeGreaterThan(stored('NaiveMC, products'));
  expect(stored('NaiveMC, A and B apart')).toBeLessThan(stored('NaiveMC, products'));

  trained.length = 0;
  const again = await compositionStudy({ ...options, seeds: [1] });
  expect(trained).toEqual([]);
  expect(studyText(again)).toContain('chance 25.0');
  expect(again.tables).toEqual(tables);
});

test('it refuses in one sentence what it does not have', async () => {
  const flags = { study: 'compose', on: 'processes', quick: false, dryRun: false, json: false };
  await expect(runSeedStudyByName('compose', { ...flags, steps: 3 })).rejects.toThrow(
    '--steps: the study compose does not have it',
  );
  await expect(runSeedStudyByName('compose', { ...flags, dryRun: true })).rejects.toThrow(
    '--dry-run: the study compose',
  );
  await expect(compositionStudy({ out: 'nowhere', seeds: [] })).rejects.toThrow('seeds: got []');
});
