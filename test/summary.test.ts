import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { type Summary, summarise, type TestRecord } from './summary.js';

const record = (state: TestRecord['state'], seconds: number, ...tags: string[]): TestRecord => ({
  name: `${state} ${tags}`,
  state,
  seconds,
  tags,
});
const browser = { name: 'browser', description: 'tests in a browser; install one' };
const data = { name: 'data', description: 'tests of data; put it there' };

test('a need that is missing has a line with its number and its remedy, and data that no registry has is not counted', () => {
  const tests = [
    record('passed', 0.2),
    record('passed', 3, 'browser'),
    record('failed', 1),
    record('skipped', 0, 'browser'),
    record('skipped', 0, 'browser', 'lab'),
    record('skipped', 0, 'data'),
    record('skipped', 0),
  ];
  expect(summarise(tests, 1, [browser, data])).toMatchObject({
    passed: 2,
    failed: 2,
    skipped: 3,
    leftOut: [
      '2 left out: tests in a browser; install one',
      '1 left out: tests of data; put it there (not counted as skipped)',
    ],
  });
  // Where the data is there, whatever else left its test out is counted.
  expect(summarise(tests, 0, [])).toMatchObject({ skipped: 4, leftOut: [] });
});

test('the ten slowest tests are told, the slowest first', () => {
  const tests = Array.from({ length: 12 }, (_, seconds) => ({ ...record('passed', seconds), name: `test ${seconds}` }));
  const { slowest } = summarise(tests, 0, []);
  expect(slowest.length).toBe(10);
  expect([slowest[0], slowest[9]]).toEqual(['  11.0 s  test 11', '   2.0 s  test 2']);
});

test('vitest skips a test whose need is missing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'moon-summary-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'summary.json');
  const flags = ['--config', 'test/vitest.config.ts', '--reporter=./test/summary.ts'];
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', ...flags, 'test/regions/centernet.test.ts'],
    {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: { ...process.env, MOON_CENTERNET: '', MOON_TEST_SUMMARY: file },
    },
  );
  expect(status).toBe(0);
  const { passed, failed, skipped, leftOut }: Summary = JSON.parse(readFileSync(file, 'utf8'));
  expect([passed, failed, skipped, leftOut.length]).toEqual([0, 0, 1, 1]);
  expect(leftOut[0]).toMatch(
    /^1 left out: tests of the COCO CenterNet; .* name its models\/centernet.json in MOON_CENTERNET$/,
  );
});
