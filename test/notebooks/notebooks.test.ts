import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { type CellOutput, cellErrors, type Notebook } from '../../src/notebook/saved-outputs.js';
import type { KernelAnswer } from '../notebook/kernel-cells.js';

const folder = fileURLToPath(new URL('../../notebooks', import.meta.url));
const runner = fileURLToPath(new URL('run.js', import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith('.ipynb'));

/** Of training: enough to see that every cell runs. */
const steps = '3';

interface CellResult extends Pick<KernelAnswer, 'status' | 'outputs'> {
  cell: number;
  seconds: number;
}

/** Every cell of a notebook in tslab's own kernel, in a clean process, with a training budget of a few steps and no static pictures. */
function runNotebook(name: string): Promise<{ code: number | null; results: CellResult[] }> {
  const child = spawn(process.execPath, [runner, name], {
    cwd: folder,
    env: { ...process.env, MOON_STEPS: steps, MOON_PICTURES: 'none' },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  let text = '';
  child.stdio[3]?.on('data', (chunk) => {
    text += chunk;
  });
  return new Promise((resolve) =>
    child.on('close', (code) =>
      resolve({
        code,
        results: text
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line)),
      }),
    ),
  );
}

/** What went wrong, found as `npm run lab -- --check` finds it. */
function errorsOf(results: CellResult[]): string[] {
  const cells = results.map(({ outputs }) => ({
    cell_type: 'code' as const,
    metadata: {},
    outputs: outputs.map(({ stream, text }): CellOutput => ({ output_type: 'stream', name: stream, text })),
  }));
  return cellErrors({ cells, metadata: {} });
}

describe('notebooks', { tags: ['built'] }, () => {
  let seconds = 0;
  // Said, not judged: the time is the machine's as much as the notebooks'.
  afterAll(() =>
    console.log(
      `${names.length} notebooks of ${steps} steps a training: ${seconds.toFixed(0)} s of cells, at most 360 wanted`,
    ),
  );

  test.each(names)('%s runs from a clean kernel, every cell of it', { timeout: 600_000 }, async (name) => {
    const notebook: Notebook = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'));
    const { code, results } = await runNotebook(name);
    seconds += results.reduce((sum, result) => sum + result.seconds, 0);
    expect(errorsOf(results)).toEqual([]);
    expect(results.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(results.length).toBe(notebook.cells.filter(({ cell_type }) => cell_type === 'code').length);
    expect(code).toBe(0);
  });
});
