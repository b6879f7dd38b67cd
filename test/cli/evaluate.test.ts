import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { evaluate } from '../../src/cli/evaluate.js';
import { openCatalogue } from '../../src/data/open.js';
import { readConfig } from '../../src/train/check-config.js';
import { trainRun } from '../../src/train/run/train-run.js';
import { dataFolder, picture } from '../data/data-folder.js';

/** A dozen products in a table of the benchmark's layout; the last four are the test split. */
async function smallShop(): Promise<string> {
  const rows = Array.from({ length: 12 }, (_, at) => ({
    id: `p${at}`,
    doc_title: `${['red', 'blue', 'green'][at % 3]} ${['shirt', 'apple'][at % 2]} number ${at}`,
    doc_image: `images/${at}.jpg`,
    doc_cate1_name: ['clothing', 'food'][at % 2],
    doc_attributes: `colour:${['red', 'blue', 'green'][at % 3]}`,
    split: at < 8 ? 'train' : 'test',
  }));
  const images = await Promise.all(rows.map(async (_, at) => [`images/${at}.jpg`, await picture(at)] as const));
  return dataFolder({
    'products.jsonl': rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    'config.json': JSON.stringify({
      network: { size: 'nano', vocabulary: 300, stem: { kind: 'patch' } },
      imageSize: 32,
      region: { kind: 'centre' },
      draw: { products: 4 },
      engine: { compile: false },
      optimizer: { steps: 1, warmUp: 0 },
    }),
    ...Object.fromEntries(images),
  });
}

describe('moon-lab evaluate', () => {
  let printed: string[];
  let out: string;
  beforeEach(() => {
    printed = [];
    out = mkdtempSync(join(tmpdir(), 'moon-evaluate-'));
    vi.spyOn(console, 'log').mockImplementation((line) => void printed.push(String(line)));
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(out, { recursive: true, force: true });
  });

  test('a config before training: JSON with every task, and a row a query', async () => {
    const data = await smallShop();
    const rows = join(out, 'rows.jsonl');
    const config = join(data, 'config.json');
    const args = [
      '--config',
      config,
      '--data',
      data,
      '--split',
      'test',
      '--tasks',
      'cross,classification',
      '--rows',
      rows,
    ];
    expect(await evaluate.run([...args, '--json'])).toBe(0);
    const { split, tasks } = JSON.parse(printed.join('\n'));
    expect(split).toBe('test');
    const [title] = tasks;
    expect(title).toMatchObject({ name: 'cross.text-to-image', query: 'title', n: 4, items: 4, products: 'unseen' });
    expect(title.chance['R@1']).toBe(0.25);
    expect(Object.keys(title.metrics['R@1'])).toEqual(['value', 'low', 'high']);
    expect(title.controls).toMatchObject({ shuffledImage: null });
    expect(Object.keys(title.controls)).toEqual(expect.arrayContaining(['textOnly', 'imageOnly', 'untrained']));
    expect(title.rows).toBeUndefined();
    const lines = readFileSync(rows, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(tasks.reduce((sum: number, { n }: { n: number }) => sum + n, 0));
    expect(JSON.parse(lines[0])).toMatchObject({ task: 'cross.text-to-image', query: 'p8', gold: ['p8'] });
  });

  test('runs of two seeds: a table', async () => {
    const data = await smallShop();
    const config = JSON.parse(readFileSync(join(data, 'config.json'), 'utf8'));
    const catalogue = await openCatalogue(data);
    const runs = [1, 2].map((seed) => join(out, `seed-${seed}`));
    for (const [at, run] of runs.entries()) {
      const { trained } = await trainRun(run, readConfig({ ...config, seed: at + 1 }), catalogue, { dataPath: data });
      trained.parameters.dispose();
    }
    const args = ['--run', runs[0], '--run', runs[1], '--split', 'test', '--tasks', 'cross.image-to-text'];
    expect(await evaluate.run([...args, '--no-controls'])).toBe(0);
    expect(printed.join('\n')).toMatch(/retrieval on mbe, split test, seeds 1, 2/);
    expect(printed.join('\n')).toMatch(
      /cross.image-to-text: image \+ crop -> title \(4 items; unseen products; median rank/,
    );
  });

  test('refuses what it cannot measure, in one sentence', async () => {
    await expect(evaluate.run([])).rejects.toThrow(/give either --run/);
    await expect(evaluate.run(['--config', 'grocery'])).rejects.toThrow(/--data/);
    await expect(evaluate.run(['--config', 'grocery', '--split', 'valid'])).rejects.toThrow(
      /--split: got "valid", expected train \| dev/,
    );
    await expect(evaluate.run(['--run', out])).rejects.toThrow(/is no run/);
    const data = await smallShop();
    const args = ['--config', join(data, 'config.json'), '--data', data];
    await expect(evaluate.run([...args, '--split', 'val'])).rejects.toThrow(
      /split: got 'val', for which .* has no queries/,
    );
    await expect(evaluate.run([...args, '--split', 'test', '--size', '0'])).rejects.toThrow(/size: got 0/);
  });
});
