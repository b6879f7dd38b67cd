import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PlannedRow } from '../../src/ablate/studies/study.js';
import { ablate } from '../../src/cli/ablate.js';
import { smallShop } from './small-shop.js';

describe('moon-lab ablate', () => {
  let printed: string[];
  let root: string;
  beforeEach(() => {
    printed = [];
    root = mkdtempSync(join(tmpdir(), 'moon-ablate-'));
    vi.spyOn(console, 'log').mockImplementation((line) => void printed.push(String(line)));
    vi.spyOn(console, 'error').mockReturnValue();
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(root, { recursive: true, force: true });
  });

  /** A study file of a dozen products whose titles are asked for, and the arguments that run it here. */
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
    expect(await ablate.run(args)).toBe(0);
    const { rows } = JSON.parse(printed.at(-1)!);
    expect(rows.map(({ name }: { name: string }) => name)).toEqual(['base', 'withoutRegions']);
    expect(rows[1].diff[0].path).toBe('region.kind');
    expect(rows[1].difference.MRR.p).toBeGreaterThan(0);
    expect(await ablate.run([...args, '--rows', 'withoutRegions', '--seeds', '3'])).toBe(0);
    const wider = JSON.parse(printed.at(-1)!);
    expect(wider.rows.map(({ seeds }: { seeds: number[] }) => seeds)).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect(await ablate.run(['--table', '--out', join(root, 'out'), '--json'])).toBe(0);
    expect(JSON.parse(printed.at(-1)!).rows).toEqual(wider.rows);
    expect(await ablate.run(['--out', join(root, 'out'), '--compare', join(root, 'out')])).toBe(0);
    expect(printed.at(-1)).toContain('the same queries');
    expect(printed.at(-1)).toContain('apart by 0.0');
  });

  test('a budget in time: a row gets the updates that its pace allows, once', async () => {
    const args = await study({ steps: undefined, seconds: 0.5, seeds: [1] });
    expect(await ablate.run(args)).toBe(0);
    const file = join(root, 'out', 'study.json');
    const stepsOf = () =>
      JSON.parse(readFileSync(file, 'utf8')).rows.map(({ config }: PlannedRow) => config.optimizer.steps);
    const first = stepsOf();
    for (const steps of first) expect(steps).toBeGreaterThanOrEqual(1);
    expect(await ablate.run([...args, '--seeds', '2'])).toBe(0);
    expect(stepsOf()).toEqual(first);
    expect(JSON.parse(readFileSync(join(root, 'out', 'paces.json'), 'utf8'))).toBeTruthy();
  });

  test.each([
    [['--study', 'papre'], '--study'],
    [['--study', 'paper', '--split', 'valid'], '--split'],
    [['--study', 'paper', '--rows', 'withoutMoon'], '--rows: got "withoutMoon"'],
    [['--study', 'paper', '--on', 'moon'], '--on'],
    [['--study', 'paper', '--workers', 'two'], '--workers'],
    [['--study', 'paper', '--allow', 'cod'], '--allow: got "cod"'],
    [['--table'], '--out'],
  ])('%o is refused', async (args, message) => {
    await expect(ablate.run([...args, ...(args.includes('--out') ? [] : ['--quick'])])).rejects.toThrow(message);
  });
});
