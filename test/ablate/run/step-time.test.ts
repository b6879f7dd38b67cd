import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { withoutTemporal } from '../../../src/ablate/changes/removals.js';
import { runStudy } from '../../../src/ablate/run/run-study.js';
import type { Study } from '../../../src/ablate/studies/study.js';
import { smallStudy } from '../small-study.js';

const out = mkdtempSync(join(tmpdir(), 'moon-times-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

test('a budget in seconds is as many updates as fit by the row, measured once a folder, that of an earlier version included', async () => {
  const study: Study = {
    ...smallStudy,
    changes: { withoutTemporal },
    seeds: [1],
    budget: { kind: 'seconds', seconds: 0.2 },
  };
  const { study: first } = await runStudy(study, { out, on: { kind: 'here' }, draws: 100, flips: 100 });
  const file = join(out, 'step-times.json');
  const text = readFileSync(file, 'utf8');
  const times = Object.values(JSON.parse(text) as Record<string, number>);
  expect(first.rows.map(({ config }) => config.optimizer.steps)).toEqual(
    times.map((seconds) => Math.max(1, Math.floor(0.2 / seconds))),
  );

  renameSync(file, join(out, 'paces.json'));
  const ends: string[] = [];
  await runStudy(study, {
    out,
    on: { kind: 'here' },
    draws: 100,
    flips: 100,
    onEnd: ({ row }, { kind }) => ends.push(`${row} ${kind}`),
  });
  expect(readFileSync(file, 'utf8')).toBe(text);
  expect(ends).toEqual(['base found', 'withoutTemporal found']);
});
