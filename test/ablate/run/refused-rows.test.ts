import { expect, test } from 'vitest';
import type { FinishedRow } from '../../../src/ablate/report/study-table.js';
import { refusedRows } from '../../../src/ablate/run/refused-rows.js';
import type { TrialResult } from '../../../src/ablate/run/trial.js';

const row = (name: string, path: string, training: Record<number, string | undefined>): FinishedRow => ({
  name,
  difference: path ? [{ path, from: 1, to: 2 }] : [],
  factors: [],
  results: new Map(
    Object.entries(training).map(([seed, hash]) => [Number(seed), { training: hash } as unknown as TrialResult]),
  ),
});
const base = row('base', '', { 1: 'a', 2: 'b' });

test('a row whose losses are those of the base with every seed is refused, with what it changed', () => {
  expect(refusedRows([base, row('withoutHard', 'negatives.hard.kind', { 1: 'a', 2: 'b' })])).toEqual([
    { row: 'withoutHard', why: expect.stringContaining('negatives.hard.kind had no effect on training') },
  ]);
});

test('a row that differs with one seed, has no seed in common, or changes only what is scored is not', () => {
  const rows = [
    row('other', 'negatives.hard.kind', { 1: 'a', 2: 'c' }),
    row('apart', 'negatives.hard.kind', { 3: 'a' }),
    row('averaged', 'average.decay', { 1: 'a', 2: 'b' }),
    row('earlier', 'negatives.hard.kind', { 1: undefined }),
  ];
  expect(refusedRows([base, ...rows])).toEqual([]);
});
