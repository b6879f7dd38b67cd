import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/datasets/bases.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { trainRun } from '../../src/train/run/train-run.js';
import { moonLab } from './moon-lab.js';
import { smallShop } from './small-shop.js';
import { smallTable } from './small-table.js';

describe('moon-lab evaluate', () => {
  let out: string;
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'moon-evaluate-'));
  });
  afterEach(() => rmSync(out, { recursive: true, force: true }));

  /** What it prints. */
  async function printed(...args: string[]): Promise<string> {
    const said = await moonLab('evaluate', ...args);
    expect(said.code, said.err).toBe(0);
    return said.out;
  }

  test('a config before training: JSON with every task, and a row a query', async () => {
    const data = await smallShop();
    const rows = join(out, 'deep', 'rows.jsonl');
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
    const { split, tasks } = JSON.parse(await printed(...args, '--json'));
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
    const first = JSON.parse(await printed(...args));
    const file = join(kept, 'evaluation.json');
    const saved = JSON.parse(readFileSync(file, 'utf8'));
    expect(saved.tasks).toEqual(first.tasks);
    expect(readFileSync(join(kept, 'rows.jsonl'), 'utf8').trim().split('\n')).toHaveLength(saved.tasks[0].n);
    // Marked, to see where it comes from.
    writeFileSync(file, JSON.stringify({ ...saved, missingImages: 77 }));
    expect(JSON.parse(await printed(...args, '--resume')).missingImages).toBe(77);
    expect(JSON.parse(await printed(...args, '--resume', '--size', '8')).missingImages).toBe(0);
  });

  test('runs of two seeds: a table', async () => {
    const data = await smallShop();
    const config = JSON.parse(readFileSync(join(data, 'config.json'), 'utf8'));
    const catalogue = await openCatalogue(data);
    const runs = [1, 2].map((seed) => join(out, `seed-${seed}`));
    for (const [at, run] of runs.entries()) {
      const { encoder } = await trainRun(run, readConfig({ ...config, seed: at + 1 }), catalogue, { dataPath: data });
      encoder.parameters.dispose();
    }
    const args = ['--run', runs[0], '--run', runs[1], '--split', 'test', '--tasks', 'cross.image-to-text'];
    expect(await moonLab('evaluate', ...args, '--run', `${runs[0]}/`)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/both have seed 1, expected different seeds/),
    });
    const elsewhere = join(out, 'elsewhere');
    const other = readConfig({ ...config, seed: 3 });
    const fewer = { ...catalogue, pairs: catalogue.pairs.slice(1) };
    (await trainRun(elsewhere, other, fewer, { dataPath: data })).encoder.parameters.dispose();
    const { err } = await moonLab('evaluate', ...args, '--run', elsewhere);
    expect(err).toMatch(/was trained on other data than/);
    const table = await printed(...args, '--no-controls');
    expect(table).toMatch(/image -> title .*\n {2}chance/);
    expect(table).toMatch(/4 queries of the test split, 4 answers to choose from, unseen products, seeds 1, 2;/);
    const all = await printed(...args, '--no-controls', '--verbose');
    expect(all).toMatch(/retrieval on mbe, split test, seeds 1, 2/);
    expect(all).toMatch(
      /cross.image-to-text \(image -> title\): image \+ crop -> title \(4 items; unseen products; median rank/,
    );
  });

  test('says first what was found; refuses to measure a network of images without any', async () => {
    const data = await smallTable((at) => (at === 8 ? 'broken' : at % 2 ? 'none' : 'picture'));
    const root = realpathSync(data);
    const args = ['--config', join(data, 'config.json'), '--split', 'test', '--no-controls'];
    const tasks = ['--tasks', 'retrieval.text'];
    const printed = (await moonLab('evaluate', ...args, ...tasks, '--data', data)).out.split('\n');
    expect(printed.slice(0, 3)).toEqual([
      'products: 10; 5 with image, 10 with title, 10 with category, 10 with attributes',
      `images: 5 found, 5 missing in ${root} (e.g. "photos/1.jpg", shop.csv:3)`,
      'queries: train 8 text; test 2 text',
    ]);
    expect(printed).toContain(`images: 4 found, 5 missing in ${root}, 1 unreadable (e.g. "photos/1.jpg", shop.csv:3)`);
    const kept = join(out, 'kept');
    const json = await moonLab('evaluate', ...args, ...tasks, '--data', data, '--json', '--out', kept);
    const { found } = JSON.parse(json.out);
    expect(found.images).toMatchObject({ found: 4, missing: 5, unreadable: 1 });
    expect(JSON.parse(readFileSync(join(kept, 'evaluation.json'), 'utf8')).found).toEqual(found);

    const none = await smallTable(() => 'none');
    expect((await moonLab('evaluate', ...args, '--data', none)).err).toMatch(
      /data: none of the 10 images was found in .*, but the model was trained with images. .* with --data\./,
    );
  });

  test('refuses what it cannot measure, in one sentence', async () => {
    const refusal = async (...args: string[]) => {
      const { code, err } = await moonLab('evaluate', ...args);
      expect(code).toBe(1);
      return err;
    };
    expect(await refusal('--run', out)).toMatch(/is not a run folder/);
    const data = await smallShop();
    const args = ['--config', join(data, 'config.json'), '--data', data];
    expect(await refusal(...args, '--split', 'val')).toMatch(
      /split: got 'val', for which .* has no queries\. Queries by split: train 8 text; test 4 text/,
    );
    expect(await refusal(...args, '--split', 'test', '--out', join(data, 'kept'))).toMatch(
      /--out: .*kept lies inside the data folder/,
    );
    expect(await refusal(...args, '--rows', join(data, 'rows.jsonl'))).toMatch(
      /--rows: .* lies inside the data folder/,
    );
  });

  test('a full disk is told with the file and the remedy', { tags: ['linux'] }, async () => {
    const data = await smallShop();
    const args = ['--config', join(data, 'config.json'), '--data', data, '--split', 'test', '--no-controls'];
    const { code, err } = await moonLab('evaluate', ...args, '--tasks', 'cross.image-to-text', '--rows', '/dev/full');
    expect(code).toBe(1);
    expect(err).toMatch(
      /^moon-lab evaluate: \/dev\/full cannot be written .*ENOSPC.*the disk is full; free some space/m,
    );
    expect(err).not.toContain('    at ');
  });
});
