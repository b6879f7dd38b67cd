import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const child = fileURLToPath(new URL('checkpoint-child.js', import.meta.url));

test.each([
  ['of all weights', ''],
  ['of some weights, the others frozen', 'q_proj'],
])('recomputation in a compiled graph has the same gradient %s and takes less memory', (_, trained) => {
  const cache = mkdtempSync(join(tmpdir(), 'moon-graphs-'));
  try {
    const measure = (checkpoint: boolean) => {
      const run = () =>
        execFileSync(process.execPath, [child, String(checkpoint), trained], {
          encoding: 'utf8',
          env: { ...process.env, MOON_CACHE: cache },
        });
      run(); // records, which takes the memory of the eager step
      return JSON.parse(run()) as { sum: number; megabytes: number };
    };
    const [frugal, plain] = [true, false].map(measure);
    expect(frugal.sum / plain.sum).toBeCloseTo(1, 5);
    expect(frugal.megabytes).toBeLessThan(0.8 * plain.megabytes);
  } finally {
    rmSync(cache, { recursive: true });
  }
});
