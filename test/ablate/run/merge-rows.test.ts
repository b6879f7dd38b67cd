import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mergedCopy } from '../../../src/ablate/changes/merged-copy.js';
import { withoutTemporal } from '../../../src/ablate/changes/removals.js';
import { placeTrials } from '../../../src/ablate/run/place-trials.js';
import { runStudy } from '../../../src/ablate/run/run-study.js';
import { readResult } from '../../../src/ablate/run/trial.js';
import { planRows, type Study } from '../../../src/ablate/studies/study.js';
import { loadEncoder } from '../../../src/encoder/checkpoints.js';
import { countLeaks } from '../../../src/engine/memory.js';
import { smallStudy } from '../small-study.js';

const study: Study = {
  ...smallStudy,
  name: 'merged',
  changes: {
    more: { from: 'base', change: (base) => base, steps: 2 },
    other: { from: 'base', change: withoutTemporal, steps: 3 },
    itself: { merge: { kind: 'linear' }, of: ['more'], tensors: 'all' },
    average: { merge: { kind: 'task-arithmetic', weights: [0.5, 0.5] }, of: ['more', 'other'], tensors: 'all' },
    further: { from: 'other', change: withoutTemporal, steps: 1 },
  },
  seeds: [1],
};

test('rows start from the trained weights of others, and merge them', async () => {
  const out = join(mkdtempSync(join(tmpdir(), 'moon-merge-rows-')), 'study');
  const options = { out, on: { kind: 'here' }, draws: 100, flips: 100 } as const;
  const ends: string[] = [];
  const run = await runStudy(study, { ...options, onEnd: ({ row }, { kind }) => ends.push(`${row} ${kind}`) });
  expect(run.failed).toEqual([]);
  expect(ends).toEqual(['base', 'more', 'other', 'itself', 'average', 'further'].map((row) => `${row} finished`));

  const folder = (row: string) => join(out, run.study.trials.find((trial) => trial.row === row)!.folder, 'run');
  const [base, more, other] = ['base', 'more', 'other'].map((row) => loadEncoder(folder(row)));
  const [from, first, second] = [base, more, other].map(({ parameters }) => parameters.dataSync());
  // Two updates of a rate of warming up move weights a little; a new start would be as far as two random networks.
  const length = (of: (at: number) => number) => Math.hypot(...Array.from({ length: 5000 }, (_, at) => of(at)));
  expect(length((at) => first[at] - from[at])).toBeLessThan(0.3 * length((at) => from[at]));
  expect(length((at) => first[at] - from[at])).toBeGreaterThan(0);

  const { leaked } = await countLeaks(() => {
    const option = { kind: 'task-arithmetic', weights: [0.5, 0.5], lambda: 1, normalize: false } as const;
    const merged = mergedCopy(base, [more, other], { option, tensors: 'all' });
    const values = merged.parameters.dataSync();
    for (let at = 0; at < values.length; at += 97) expect(values[at]).toBeCloseTo((first[at] + second[at]) / 2, 5);
    merged.parameters.dispose();
  });
  expect(leaked).toBe(0);
  for (const { parameters } of [base, more, other]) parameters.dispose();

  const moved = (row: string) => {
    const { folder } = run.study.trials.find((trial) => trial.row === row)!;
    return readResult(join(out, folder), run.study)!.moved!;
  };
  const norm = (of: (at: number) => number) =>
    Math.sqrt(Array.from(from, (_, at) => of(at) ** 2).reduce((a, b) => a + b));
  const distance = norm((at) => first[at] - from[at]) / norm((at) => from[at]);
  expect(moved('more')).toBeCloseTo(distance, 4);
  expect(moved('itself')).toBeCloseTo(distance, 4);

  const [{ rows, metric }] = run.tables;
  const value = (row: string) => rows.find(({ name }) => name === row)!.metrics[metric];
  expect(value('itself')).toEqual(value('more'));
  expect(run.refused).toEqual([]);

  const again: string[] = [];
  await runStudy(study, { ...options, onEnd: ({ row }, { kind }) => again.push(`${row} ${kind}`) });
  expect(new Set(again.map((end) => end.split(' ')[1]))).toEqual(new Set(['found']));
});

test.each([
  [
    { a: { merge: { kind: 'linear' }, of: ['b'] } },
    `study.changes.a: got "b", expected one of the rows before it: base.`,
  ],
  [{ a: { merge: { kind: 'linear' }, of: [] } }, 'study.changes.a.of: got [], expected at least one row.'],
  [{ a: { merge: { kind: 'lineal' }, of: ['base'] } }, 'study.changes.a.merge'],
  [
    { a: { from: 'none', change: withoutTemporal } },
    `study.changes.a: got "none", expected one of the rows before it: base.`,
  ],
  [
    { a: { from: 'base', change: withoutTemporal, steps: 0 } },
    'study.changes.a.steps: got 0, expected an integer above 0.',
  ],
  [
    { a: { merge: { kind: 'ties' }, of: ['base'] }, b: { merge: { kind: 'ties' }, of: ['base'] } },
    `'b' changes the weights in the same way as 'a'.`,
  ],
])('a row that cannot be is one sentence: %j', (changes, message) => {
  expect(() => planRows({ ...study, changes: changes as Study['changes'] })).toThrow(message);
});

test('rows of other seeds are those of the seeds after it, and need two', () => {
  const others = {
    ...study,
    changes: { ...study.changes, others: { merge: { kind: 'linear' }, of: ['more', 'other'], otherSeeds: true } },
  } as const;
  const rows = planRows({ ...others, seeds: [1, 2, 3] });
  const provenance = { data: 'd', code: 'c', backend: 'cpu', tensorflow: null, threads: 1 };
  const common = { data: others.data, split: 'val', tasks: ['retrieval.image'], allow: [], provenance } as const;
  const placed = placeTrials(mkdtempSync(join(tmpdir(), 'moon-other-seeds-')), rows, [1, 2, 3], common);
  const merges = placed.flatMap(({ trial: { row, seed, merge } }) =>
    row === 'others' ? [[seed, merge!.base, ...merge!.of].map((name) => String(name).replace(/-[^-]+$/, ''))] : [],
  );
  expect(merges).toEqual([
    ['1', 'base-1', 'more-2', 'other-3'],
    ['2', 'base-2', 'more-3', 'other-1'],
    ['3', 'base-3', 'more-1', 'other-2'],
  ]);
  expect(() => planRows(others)).toThrow(
    'study.changes.others.otherSeeds: got true, expected false, or a study of at least two seeds',
  );
  expect(() => planRows({ ...study, experts: { 'retrieval.image': 'nobody' } })).toThrow(
    'study.experts.retrieval.image',
  );
  expect(() => planRows({ ...study, tasks: ['retrieval.text'], experts: { 'retrieval.image': 'more' } })).toThrow(
    'study.experts: got',
  );
});
