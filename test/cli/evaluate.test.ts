import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { evaluate } from '../../src/cli/evaluate.js';
import { readConfig } from '../../src/datasets/bases.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { trainRun } from '../../src/train/run/train-run.js';
import { smallShop } from './small-shop.js';
import { smallTable } from './small-table.js';

describe('moon-lab evaluate', () => {
  let printed: string[];
  let out: string;
  beforeEach(() => {
    printed = [];
    out = mkdtempSync(join(tmpdir(), 'moon-evaluate-'));
    vi.spyOn(console, 'log').mockImplementation((line) => void printed.push(String(line)));
    vi.spyOn(console, 'error').mockReturnValue();
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

  test('with --out an evaluation is kept, and --resume takes it from there while nothing has changed', async () => {
    const data = await smallShop();
    const kept = join(out, 'kept');
    const base = ['--config', join(data, 'config.json'), '--data', data, '--split', 'test', '--no-controls', '--json'];
    const args = [...base, '--tasks', 'cross.image-to-text', '--out', kept];
    await evaluate.run(args);
    const file = join(kept, 'evaluation.json');
    const saved = JSON.parse(readFileSync(file, 'utf8'));
    expect(saved.tasks).toEqual(JSON.parse(printed[0]).tasks);
    expect(readFileSync(join(kept, 'rows.jsonl'), 'utf8').trim().split('\n')).toHaveLength(saved.tasks[0].n);
    // Marked, to see where it comes from.
    writeFileSync(file, JSON.stringify({ ...saved, missingImages: 77 }));
    await evaluate.run([...args, '--resume']);
    expect(JSON.parse(printed[1]).missingImages).toBe(77);
    await evaluate.run([...args, '--resume', '--size', '8']);
    expect(JSON.parse(printed[2]).missingImages).toBe(0);
    await expect(evaluate.run([...base, '--resume'])).rejects.toThrow(/--out: got undefined/);
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
    await expect(evaluate.run([...args, '--run', runs[0]])).rejects.toThrow(/has seed 1 as .* has, expected another/);
    const elsewhere = join(out, 'elsewhere');
    const other = readConfig({ ...config, seed: 3 });
    const fewer = { ...catalogue, pairs: catalogue.pairs.slice(1) };
    (await trainRun(elsewhere, other, fewer, { dataPath: data })).trained.parameters.dispose();
    await expect(evaluate.run([...args, '--run', elsewhere])).rejects.toThrow(/was trained on other data than/);
    expect(await evaluate.run([...args, '--no-controls'])).toBe(0);
    expect(printed.join('\n')).toMatch(/retrieval on mbe, split test, seeds 1, 2/);
    expect(printed.join('\n')).toMatch(
      /cross.image-to-text: image \+ crop -> title \(4 items; unseen products; median rank/,
    );
  });

  test('says first what was found; refuses to measure a network of images without any', async () => {
    const data = await smallTable((at) => (at === 8 ? 'broken' : at % 2 ? 'none' : 'picture'));
    const root = realpathSync(data);
    const args = ['--config', join(data, 'config.json'), '--split', 'test', '--no-controls'];
    const tasks = ['--tasks', 'retrieval.text'];
    await evaluate.run([...args, ...tasks, '--data', data]);
    expect(printed.slice(0, 3)).toEqual([
      'products: 10; 5 with image, 10 with title, 10 with category, 10 with attributes',
      `images: 5 found, 5 missing in ${root} (e.g. "photos/1.jpg", shop.csv:3)`,
      'queries: train 8 text; test 2 text',
    ]);
    expect(printed).toContain(`images: 4 found, 5 missing in ${root}, 1 unreadable (e.g. "photos/1.jpg", shop.csv:3)`);
    const kept = join(out, 'kept');
    await evaluate.run([...args, ...tasks, '--data', data, '--json', '--out', kept]);
    const { found } = JSON.parse(printed.at(-1)!);
    expect(found.images).toMatchObject({ found: 4, missing: 5, unreadable: 1 });
    expect(JSON.parse(readFileSync(join(kept, 'evaluation.json'), 'utf8')).found).toEqual(found);

    const none = await smallTable(() => 'none');
    await expect(evaluate.run([...args, '--data', none])).rejects.toThrow(
      /^data: none of 10 images was found in .*, and the network was trained with images; .* with --data\.$/,
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
      /split: got 'val', for which .* has no queries; the queries by split are: train 8 text; test 4 text/,
    );
    await expect(evaluate.run([...args, '--split', 'test', '--size', '0'])).rejects.toThrow(/size: got 0/);
  });
});
