import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runStudy } from '../../src/ablate/run-study.js';
import { smallStudy } from './small-study.js';

const root = mkdtempSync(join(tmpdir(), 'moon-study-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a study in this process', () => {
  const out = join(root, 'here');
  test('gives a row each', async () => {
    const run = await runStudy(smallStudy, { out, on: { kind: 'here' }, draws: 200, flips: 200 });
    expect(run.failed).toEqual([]);
    console.log(JSON.stringify(run.tables[0].rows, null, 1).slice(0, 3000));
    console.log(run.tables[0].findings);
  });
});
