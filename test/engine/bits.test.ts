import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { stepHashes } from './step-hash.js';

process.env.MOON_THREADS = '2';
process.env.MOON_CACHE = mkdtempSync(join(tmpdir(), 'moon-graphs-'));
const child = fileURLToPath(new URL('step-hash-child.js', import.meta.url));

test.each([
  ['compiled', true],
  ['operation by operation', false],
])('50 steps on one input give one result, %s', (_, compiled) => {
  expect(new Set(stepHashes('small', compiled, 50)).size).toBe(1);
});

test('a compiled step gives the same bits in three processes: recorded, and twice from the disk', () => {
  const hashes = Array.from({ length: 3 }, () =>
    JSON.parse(execFileSync(process.execPath, [child, 'small', '3'], { encoding: 'utf8' })),
  );
  expect(new Set(hashes.flat()).size).toBe(1);
});
