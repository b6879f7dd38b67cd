import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { train } from '../../src/cli/train.js';
import { foundLines } from '../../src/data/found-text.js';
import { foldOf } from '../../src/datasets/folds.js';
import { inspectData } from '../../src/datasets/inspect/inspect.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { readEmbeddings } from '../../src/search/embeddings-file.js';
import { readManifest } from '../../src/train/run/manifest.js';
import { readMetrics } from '../../src/train/run/metrics-file.js';
import { smallShop } from './small-shop.js';
import { smallTable } from './small-table.js';

describe('moon-lab train', () => {
  let printed: string[];
  let out: string;
  beforeEach(() => {
    printed = [];
    out = mkdtempSync(join(tmpdir(), 'moon-train-'));
    vi.spyOn(console, 'log').mockImplementation((line) => void printed.push(String(line)));
    vi.spyOn(console, 'error').mockReturnValue();
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(out, { recursive: true, force: true });
  });

  test('leaves a run with embeddings and a report, and goes on with it', async () => {
    const data = await smallShop();
    const run = join(out, 'run');
    const args = ['--config', join(data, 'config.json'), '--data', data, '--split', 'test', '--json'];
    expect(await train.run([...args, '--out', run, '--set', 'optimizer.steps=2'])).toBe(0);
    expect(JSON.parse(printed.at(-1)!)).toMatchObject({ run, steps: 2, stopped: false });
    expect(readManifest(run)).toMatchObject({ status: 'finished', pictures: { missing: {} } });
    const { products, queries } = readEmbeddings(run);
    expect(products.ids).toHaveLength(12);
    expect(queries.ids.length).toBeGreaterThan(0);
    expect(products.vectors.length).toBe(12 * products.width);
    const page = readFileSync(join(run, 'report.html'), 'utf8');
    expect(page).toContain('Loss');
    expect(page).not.toMatch(/(src|href)="http/);

    // A run that was killed goes on where its last checkpoint is; one that ended has nothing left to do.
    expect(await train.run(['--run', run, '--resume', '--json'])).toBe(0);
    expect(readMetrics(run).map(({ step }) => step)).toEqual([1, 2]);
  });

  test('refuses a config that shows images where none was found, before anything is written', async () => {
    const data = await smallTable(() => 'none');
    const args = ['--config', join(data, 'config.json'), '--data', data, '--out', join(out, 'run')];
    const root = realpathSync(data);
    await expect(train.run(args)).rejects.toThrow(
      `data: none of 10 images was found in ${root} (e.g. "photos/0.jpg", shop.csv:2), and this config shows images; correct the names`,
    );
    expect(printed).toEqual([
      'products: 10; 0 with image, 10 with title, 10 with category, 10 with attributes',
      `images: 0 found, 10 missing in ${root} (e.g. "photos/0.jpg", shop.csv:2)`,
      'queries: train 8 text; test 2 text',
    ]);
    expect(existsSync(join(out, 'run'))).toBe(false);
  });

  test('trains on text alone where no image was found, if the config says so', async () => {
    const data = await smallTable(() => 'none');
    const run = join(out, 'run');
    const alone = ['sampler.mix.image=0', 'sampler.mix.product=0', 'sampler.withhold.image=1'].flatMap((each) => [
      '--set',
      each,
    ]);
    const args = ['--config', join(data, 'config.json'), '--data', data, '--out', run, '--json', ...alone];
    expect(await train.run(args)).toBe(0);
    expect(readManifest(run).found).toMatchObject({ images: { found: 0, missing: 10 }, training: { image: 0 } });
    expect(Number.isFinite(readMetrics(run)[0].loss)).toBe(true);
  });

  test('goes on with half of the images, and says so first: in the terminal, the manifest and the report', async () => {
    const data = await smallTable((at) => (at === 1 ? 'broken' : at % 2 ? 'none' : 'picture'));
    const run = join(out, 'run');
    expect(await train.run(['--config', join(data, 'config.json'), '--data', data, '--out', run])).toBe(0);
    const root = realpathSync(data);
    const missing = `4 missing in ${root}`;
    const example = '(e.g. "photos/3.jpg", shop.csv:5)';
    expect(printed.slice(0, 3)).toEqual([
      'products: 10; 6 with image, 10 with title, 10 with category, 10 with attributes',
      `images: 6 found, ${missing} ${example}`,
      'queries: train 8 text; test 2 text',
    ]);
    // Known once the images were looked at: the lines that have changed are said again.
    const images = `images: 5 found, ${missing}, 1 unreadable ${example}`;
    const products = 'products: 10; 5 with image, 10 with title, 10 with category, 10 with attributes';
    expect(printed.filter((line) => /^(products|images|queries):/.test(line)).slice(3)).toEqual([products, images]);
    const { found } = readManifest(run);
    expect(foundLines(found).slice(0, 2)).toEqual([products, images]);
    expect(found.training).toEqual({ products: 8, image: 4 });
    expect((await inspectData(data)).found).toEqual(found);
    const page = readFileSync(join(run, 'report.html'), 'utf8');
    expect(page.indexOf('5 found, 4 missing')).toBeGreaterThan(0);
    expect(page.indexOf('5 found, 4 missing')).toBeLessThan(page.indexOf('<h2>Loss'));
  });

  test('a fold is left out of training, and the run says which', async () => {
    const small = await smallShop();
    const run = join(out, 'fold');
    const data = 'data/grocery';
    const args = ['--config', join(small, 'config.json'), '--data', data];
    expect(await train.run([...args, '--fold', '2', '--out', run, '--json'])).toBe(0);
    expect(readManifest(run).data.fold).toBe(2);
    const unseen = foldOf(await openCatalogue(data), 2);
    const { products } = readEmbeddings(run);
    expect(unseen.length).toBeGreaterThan(1);
    expect(products.ids).toHaveLength(81 - unseen.length);
    expect(products.ids.filter((id) => unseen.includes(id))).toEqual([]);
    await expect(train.run([...args, '--fold', '6', '--out', join(out, 'none')])).rejects.toThrow(/fold: got 6/);
    await expect(train.run([...args, '--data', small, '--fold', '1', '--out', join(out, 'none')])).rejects.toThrow(
      /fold: got data of the layout 'mbe', expected one with folds of unseen products \(grocery\)/,
    );
  });

  test('refuses what does not fit together, before anything is written', async () => {
    await expect(train.run(['--every', 'often'])).rejects.toThrow(/--every: got "often"/);
    await expect(train.run(['--run', out])).rejects.toThrow(/--run: got .* the run that --resume goes on with/);
    await expect(train.run(['--run', out, '--out', out, '--resume'])).rejects.toThrow(/--out: got/);
    await expect(train.run(['--split', 'valid'])).rejects.toThrow(/--split: got "valid", expected train \| dev/);
    await expect(train.run(['--out', join(out, 'new'), '--set', 'regoin.kind=none'])).rejects.toThrow(
      /regoin: is unknown .*; did you mean region\?/,
    );
    expect(existsSync(join(out, 'new'))).toBe(false);
  });
});
