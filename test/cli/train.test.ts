import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { foundLines } from '../../src/data/found-text.js';
import { foldOf } from '../../src/datasets/folds.js';
import { inspectData } from '../../src/datasets/inspect/inspect.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { readEmbeddings } from '../../src/search/embeddings-file.js';
import { readManifest } from '../../src/train/run/manifest.js';
import { readMetrics } from '../../src/train/run/metrics-file.js';
import { moonLab } from './moon-lab.js';
import { smallShop } from './small-shop.js';
import { smallTable } from './small-table.js';

describe('moon-lab train', () => {
  let out: string;
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'moon-train-'));
  });
  afterEach(() => rmSync(out, { recursive: true, force: true }));

  test('leaves a run with embeddings and a report, and resumes it', async () => {
    const data = await smallShop();
    const run = join(out, 'run');
    const args = ['--config', join(data, 'config.json'), '--data', data, '--split', 'test', '--json'];
    const first = await moonLab('train', ...args, '--out', run, '--set', 'optimizer.steps=2');
    expect(first.code, first.err).toBe(0);
    expect(JSON.parse(first.out)).toMatchObject({ run, steps: 2, stopped: false });
    expect(readManifest(run)).toMatchObject({ status: 'finished', pictures: { missing: {} } });
    const { products, queries } = readEmbeddings(run);
    expect(products.ids).toHaveLength(12);
    expect(queries.ids.length).toBeGreaterThan(0);
    expect(products.vectors.length).toBe(12 * products.width);
    const page = readFileSync(join(run, 'report.html'), 'utf8');
    expect(page).toContain('Training loss');
    expect(page).not.toMatch(/(src|href)="http/);

    // A run that was killed resumes at its last checkpoint; one that ended has nothing left to do.
    const again = await moonLab('train', '--run', run, '--resume', '--json');
    expect(again.code).toBe(0);
    expect(again.err).toContain(`${run}, no settings changed\n`);
    expect(readMetrics(run).map(({ step }) => step)).toEqual([1, 2]);
  });

  test('says in a few lines what differs from the base, which it names', async () => {
    const data = await smallShop();
    const args = ['--base', 'fashion', '--config', join(data, 'config.json'), '--data', data, '--split', 'test'];
    const { out: said } = await moonLab('train', ...args, '--out', join(out, 'run'));
    const lines = said.split('\n');
    const at = lines.findIndex((line) => /^base fashion with \d+ settings changed:$/.test(line));
    expect(lines[at + 1]).toBe('  network.size: tiny -> nano');
    const rest = lines.slice(at + 1).findIndex((line) => !line.startsWith('  '));
    expect(rest).toBe(6);
    expect(lines[at + rest]).toMatch(/^ {2}and \d+ more; the manifest.json of the run has all settings$/);
    expect(said).not.toContain('grocery');
  });

  test('refuses a config that shows images where none was found, before anything is written', async () => {
    const data = await smallTable(() => 'none');
    const root = realpathSync(data);
    const args = ['--config', join(data, 'config.json'), '--data', data, '--out', join(out, 'run')];
    const { code, out: said, err } = await moonLab('train', ...args);
    expect(code).toBe(1);
    expect(err).toContain(
      `data: none of the 10 images was found in ${root} (e.g. "photos/0.jpg", shop.csv:2), but this config shows images. To fix this, correct the names`,
    );
    expect(said.trim().split('\n')).toEqual([
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
    expect((await moonLab('train', ...args)).code).toBe(0);
    expect(readManifest(run).found).toMatchObject({ images: { found: 0, missing: 10 }, training: { image: 0 } });
    expect(Number.isFinite(readMetrics(run)[0].loss)).toBe(true);
  });

  test('trains with half of the images, and says so first: in the terminal, the manifest and the report', async () => {
    const data = await smallTable((at) => (at === 1 ? 'broken' : at % 2 ? 'none' : 'picture'));
    const run = join(out, 'run');
    const { code, out: said } = await moonLab(
      'train',
      '--config',
      join(data, 'config.json'),
      '--data',
      data,
      '--out',
      run,
    );
    expect(code).toBe(0);
    const printed = said.split('\n');
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
    expect(/<h2>([^<]*)/.exec(page)?.[1]).toBe('Data');
  });

  test('a fold is left out of training, and the run says which', async () => {
    const small = await smallShop();
    const run = join(out, 'fold');
    const data = 'data/grocery';
    const args = ['--config', join(small, 'config.json'), '--data', data];
    expect((await moonLab('train', ...args, '--fold', '2', '--out', run, '--json')).code).toBe(0);
    expect(readManifest(run).data.fold).toBe(2);
    const unseen = foldOf(await openCatalogue(data), 2);
    const { products } = readEmbeddings(run);
    expect(unseen.length).toBeGreaterThan(1);
    expect(products.ids).toHaveLength(81 - unseen.length);
    expect(products.ids.filter((id) => unseen.includes(id))).toEqual([]);
    const none = ['--out', join(out, 'none')];
    expect((await moonLab('train', ...args, '--fold', '6', ...none)).err).toMatch(/fold: got 6/);
    const shop = ['--config', join(small, 'config.json'), '--data', small];
    expect((await moonLab('train', ...shop, '--fold', '1', ...none)).err).toMatch(
      /fold: got data of the layout 'mbe', expected one with folds of unseen products \(grocery\)/,
    );
  });

  test.each([
    [['--base', 'grocry'], /^moon-lab train: base: got "grocry", expected one of grocery \| paper/],
    [['--set', 'regoin.kind=none'], /^moon-lab train: regoin: is unknown .*; did you mean region\?/],
    [['--config', 'nowhere.json'], /^moon-lab train: nowhere.json: no such file/],
  ])('%j is refused before anything is written', async (args, message) => {
    const { code, err } = await moonLab('train', ...args, '--out', join(out, 'new'));
    expect(code).toBe(1);
    expect(err).toMatch(message);
    expect(existsSync(join(out, 'new'))).toBe(false);
  });

  test('a folder inside the data is refused, new or resumed, and through a link', async () => {
    const data = await smallShop();
    const inside = join(data, 'runs', 'new');
    symlinkSync(data, join(out, 'link'));
    for (const folder of [inside, join(out, 'link', 'runs'), data]) {
      const { code, err } = await moonLab('train', '--data', data, '--out', folder);
      expect(code).toBe(1);
      expect(err).toBe(
        `moon-lab train: --out: ${folder} lies inside the data folder ${data}; choose a folder outside of it.\n`,
      );
    }
    expect(existsSync(join(data, 'runs'))).toBe(false);
  });
});
