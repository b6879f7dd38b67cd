import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../../notebooks', import.meta.url));
const runner = fileURLToPath(new URL('run.js', import.meta.url));

interface CellResult {
  cell: number;
  ok: boolean;
  output: string;
}

/** Every cell of a notebook through tslab's compiler, from a clean process, with a training budget of a few steps. */
function runNotebook(name: string): Promise<CellResult[]> {
  const child = spawn(process.execPath, [runner, name], {
    cwd: folder,
    env: { ...process.env, MOON_STEPS: '3' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  return new Promise((resolve) =>
    child.on('close', () =>
      resolve(
        text
          .split('\n')
          .filter((line) => line.startsWith('@@'))
          .map((line) => JSON.parse(line.slice(2))),
      ),
    ),
  );
}

test.each(readdirSync(folder).filter((name) => name.endsWith('.ipynb')))(
  '%s runs from a clean kernel',
  { timeout: 600_000 },
  async (name) => {
    const results = await runNotebook(name);
    const failed = results.filter(({ ok }) => !ok).map(({ cell, output }) => `cell ${cell}: ${output}`);
    expect(failed).toEqual([]);
    expect(results.length).toBeGreaterThan(0);
  },
);
