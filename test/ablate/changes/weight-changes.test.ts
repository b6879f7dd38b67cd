import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addWeightChange, weightChange, withChangedWeights } from '../../../src/ablate/changes/weight-changes.js';
import { studyText } from '../../../src/ablate/report/study-text.js';
import { runStudy, type StudyRun } from '../../../src/ablate/run/run-study.js';
import { planRows, type Study } from '../../../src/ablate/studies/study.js';
import { TOKENS } from '../../../src/backbones/layers/decoder-names.js';
import { generateShop } from '../../../src/datasets/shop/shop.js';
import { loadEncoder } from '../../../src/encoder/checkpoints.js';
import { preparePixels } from '../../../src/encoder/prepare.js';
import { unflatten } from '../../../src/engine/flat-weights.js';
import { countLeaks } from '../../../src/engine/memory.js';
import * as tf from '../../../src/engine/tf.js';
import { retrieval } from '../../../src/evaluate/retrieval.js';
import { expertGroup } from '../../../src/moon/weight-names.js';
import { shopOptions } from '../../train/run/short-run.js';
import { smallStudy } from '../small-study.js';

const root = mkdtempSync(join(tmpdir(), 'moon-weights-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

addWeightChange('asTrained', ({ config, weights }) => ({ config, weights: { ...weights } }));
addWeightChange('halfOfTokens', ({ config, weights }) => ({
  config,
  weights: { ...weights, [TOKENS]: tf.mul(weights[TOKENS], 0.5) },
}));

const study: Study = {
  ...smallStudy,
  name: 'weights',
  changes: {
    asTrained: { weights: 'asTrained' },
    halfOfTokens: { weights: 'halfOfTokens' },
    'half the bytes': { weights: 'bfloat16' },
    averageExperts: { weights: 'averageExperts' },
    pruned: { weights: 'tamp-60' },
  },
  seeds: [1],
};
const out = join(root, 'study');
let run: StudyRun;
const ends: string[] = [];
beforeAll(async () => {
  run = await runStudy(study, {
    out,
    on: { kind: 'here' },
    draws: 200,
    flips: 200,
    onEnd: ({ row }, { kind }) => ends.push(`${row} ${kind}`),
  });
});

const base = () => loadEncoder(join(out, run.study.trials.find(({ row }) => row === 'base')!.folder, 'run'));

test('a row of weights is the trained base of its seed, changed, beside it in the table with its difference', async () => {
  expect(run.failed).toEqual([]);
  expect(ends).toEqual(
    ['base', 'asTrained', 'halfOfTokens', 'half the bytes', 'averageExperts', 'pruned'].map((row) => `${row} finished`),
  );
  const [{ rows, findings, metric }] = run.tables;
  const row = (name: string) => rows.find((each) => each.name === name)!;
  expect(row('asTrained').difference[metric]).toMatchObject({ value: 0, low: 0, high: 0 });
  expect(row('averageExperts').cost).toMatchObject({ flops: 0, seconds: 0 });
  expect(findings.map(({ name }) => name)).toContain('averageExperts');
  expect(studyText(run)).toContain('averageExperts');

  const trained = base();
  const { leaked } = await countLeaks(async () => {
    const changed = withChangedWeights(trained, weightChange('halfOfTokens'));
    const shop = generateShop(shopOptions);
    const measured = await retrieval(changed, shop, await preparePixels(trained.config, shop), { split: 'val' });
    expect(row('halfOfTokens').metrics[metric].value).toBeCloseTo(measured.metrics[metric].value, 12);
    changed.parameters.dispose();
  });
  expect(leaked).toBe(0);
  trained.parameters.dispose();
});

test('a study of weights resumes without training again, and its rows are never mistaken for each other', async () => {
  const again: string[] = [];
  const { tables } = await runStudy(
    { ...study, changes: { halfOfTokens: { weights: 'asTrained' }, averageExperts: { weights: 'averageExperts' } } },
    { out, on: { kind: 'here' }, draws: 200, flips: 200, onEnd: ({ row }, { kind }) => again.push(`${row} ${kind}`) },
  );
  expect(again).toEqual(['base found', 'averageExperts found', 'halfOfTokens finished']);
  const [{ rows, metric }] = tables;
  expect(rows.find(({ name }) => name === 'halfOfTokens')!.difference[metric].value).toBe(0);
});

test('averaged experts are equal to each other and to the mean of what was trained', () => {
  const trained = base();
  const changed = withChangedWeights(trained, weightChange('averageExperts'));
  tf.tidy(() => {
    const [before, after] = [trained, changed].map(({ parameters, layout }) => unflatten(parameters, layout));
    const experts = Object.keys(before).filter((name) => expertGroup(name) !== undefined);
    expect(experts.length).toBeGreaterThan(0);
    for (const name of Object.keys(before)) {
      const [was, now] = [before[name].arraySync() as number[][], after[name].arraySync() as number[][]];
      if (!experts.includes(name)) expect(now).toEqual(was);
      else {
        const flat = was.map((expert) => expert.flat(9) as number[]);
        const mean = flat[0].map((_, at) => flat.reduce((sum, expert) => sum + expert[at], 0) / flat.length);
        for (const expert of now) {
          expect(expert).toEqual(now[0]);
          const far = (expert.flat(9) as number[]).map((value, at) => Math.abs(value - mean[at]));
          expect(Math.max(...far)).toBeLessThan(1e-6);
        }
      }
    }
  });
  for (const { parameters } of [trained, changed]) parameters.dispose();
});

test('a name that is none, one that is taken, and two rows of one change are refused', () => {
  expect(() => planRows({ ...study, changes: { a: { weights: 'none' } } })).toThrow(
    /weights: got 'none', expected one of averageExperts \| bfloat16/,
  );
  expect(() => planRows({ ...study, changes: { a: { weights: 'bfloat16' }, b: { weights: 'bfloat16' } } })).toThrow(
    "'b' changes the weights in the same way as 'a'",
  );
  expect(() => addWeightChange('bfloat16', (trained) => trained)).toThrow('which already exists');
});
