import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PlannedRow } from '../../src/ablate/studies/planned-rows.js';
import { moonLab } from './moon-lab.js';
import { smallShop } from './small-shop.js';

describe('moon-lab ablate', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'moon-ablate-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** What it prints. */
  async function printed(...args: string[]): Promise<string> {
    const said = await moonLab('ablate', ...args);
    expect(said.code, said.err).toBe(0);
    return said.out;
  }

  /** A study file of a dozen products with queries of their titles, and the arguments that run it here. */
  async function study(change: Record<string, unknown> = {}): Promise<string[]> {
    const data = await smallShop();
    const file = join(root, 'mine.json');
    const base = JSON.parse(readFileSync(join(data, 'config.json'), 'utf8'));
    const own = { base, rows: ['withoutRegions'], seeds: [1, 2], steps: 2, split: 'test', data };
    writeFileSync(file, JSON.stringify({ tasks: ['retrieval.text'], ...own, ...change }));
    return ['--study', file, '--out', join(root, 'out'), '--on', 'here', '--json'];
  }

  test('prints the rows of a study file; a row and a seed more extend the folder; tables come again, and two folders are compared', async () => {
    const args = await study();
    const { rows } = JSON.parse(await printed(...args));
    expect(rows.map(({ name }: { name: string }) => name)).toEqual(['base', 'withoutRegions']);
    expect(rows[1].diff[0].path).toBe('region.kind');
    expect(rows[1].difference.MRR.p).toBeGreaterThan(0);
    const wider = JSON.parse(await printed(...args, '--rows', 'withoutRegions', '--seeds', '3'));
    expect(wider.rows.map(({ seeds }: { seeds: number[] }) => seeds)).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    const out = join(root, 'out');
    expect(JSON.parse(await printed('--table', '--out', out, '--json')).rows).toEqual(wider.rows);
    const comparison = await printed('--out', out, '--compare', out);
    expect(comparison).toContain('the same queries');
    expect(comparison).toContain('change 0.0');
  });

  test('a budget in time: a row gets the updates that its step time allows, once; measured by an earlier version too', async () => {
    const args = await study({ steps: undefined, seconds: 0.5, seeds: [1] });
    await printed(...args);
    const file = join(root, 'out', 'study.json');
    const stepsOf = () =>
      JSON.parse(readFileSync(file, 'utf8')).rows.map(({ config }: PlannedRow) => config.optimizer.steps);
    const stepTimes = () => JSON.parse(readFileSync(join(root, 'out', 'step-times.json'), 'utf8'));
    const [first, measured] = [stepsOf(), stepTimes()];
    const affordable = Object.values<number>(measured).map((seconds) => Math.max(1, Math.floor(0.5 / seconds)));
    expect([...first].sort()).toEqual(affordable.sort());
    renameSync(join(root, 'out', 'step-times.json'), join(root, 'out', 'paces.json'));
    await printed(...args, '--seeds', '2');
    expect(stepsOf()).toEqual(first);
    expect(stepTimes()).toEqual(measured);
  });

  test('--trial runs the one trial of a folder, while its driver holds its standard input', async () => {
    // Sources here, the build there: other code.
    await printed(...(await study({ seeds: [1], rows: [] })), '--allow', 'code');
    const out = join(root, 'out');
    const { trials } = JSON.parse(readFileSync(join(out, 'study.json'), 'utf8'));
    const folder = join(out, trials[0].folder);
    const result = () => readdirSync(folder).filter((name) => name.startsWith('result-'));
    rmSync(join(folder, result()[0]));
    const bin = fileURLToPath(new URL('../../src/setup/bin.js', import.meta.url));
    const trial = () =>
      spawn(process.execPath, [bin, 'ablate', '--trial', folder], { stdio: ['pipe', 'ignore', 'ignore'] });
    const left = trial();
    left.stdin.end();
    expect((await once(left, 'close'))[0]).toBe(1);
    expect(result()).toEqual([]);
    const held = trial();
    expect((await once(held, 'close'))[0]).toBe(0);
    expect(result()).toHaveLength(1);
    // The first child may have to compile the sources.
  }, 300_000);

  test.each([
    [['--study', 'papre'], 1, '--study: got "papre", expected an existing file'],
    [['--study', 'paper', '--rows', 'withoutMoon'], 1, '--rows: got "withoutMoon"'],
    [['--study', 'paper', '--out', 'data/grocery/study'], 1, '--out: data/grocery/study lies inside the data folder'],
    [['--table', '--out', 'nowhere'], 1, 'nowhere: holds no study'],
    [['--quick'], 2, '--study: missing'],
    [['--study', 'paper', '--on', 'here', '--threads', '2'], 2, '--threads: has no effect with --on here'],
    [['--study', 'paper', '--python', 'python3'], 2, '--python: has no effect with --on processes'],
    [['--study', 'paper', '--on', 'ray', '--workers', '2'], 2, '--workers: has no effect with --on ray'],
  ])('%j is refused', async (args, code, message) => {
    const said = await moonLab('ablate', ...args);
    expect(said.err).toContain(`moon-lab ablate: ${message}`);
    expect(said.code).toBe(code);
  });
});
