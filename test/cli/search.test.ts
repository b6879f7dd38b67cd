import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MoonConfig } from '../../src/config/config.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { embed } from '../../src/encoder/embed-inputs.js';
import { countLeaks } from '../../src/engine/memory.js';
import { saveEmbeddings } from '../../src/search/embeddings-file.js';
import { writeEmbeddingFile } from '../../src/search/files/embedding-file.js';
import { tableOfRows } from '../../src/search/files/embedding-table.js';
import { openMemoryStore } from '../../src/search/stores/memory.js';
import { trainRun } from '../../src/train/run/train-run.js';
import { picture } from '../data/data-folder.js';
import { randomRows } from '../search/stores/random-rows.js';
import { moonLab } from './moon-lab.js';

const root = mkdtempSync(join(tmpdir(), 'moon-search-'));
afterAll(() => rmSync(root, { recursive: true }));
const [run, data, page] = ['run', 'data', 'page.html'].map((name) => join(root, name));
const config: MoonConfig = {
  ...grocery,
  network: { size: 'nano', vocabulary: 300, stem: { kind: 'patch' }, depth: 1, visionDepth: 1 },
  experts: { kind: 'none' },
  imageSize: 16,
  region: { kind: 'centre', area: 0.25 },
  engine: { compile: false },
  optimizer: { ...grocery.optimizer, steps: 1, warmUpSteps: 0 },
};
beforeAll(async () => {
  mkdirSync(join(data, 'images'), { recursive: true });
  for (const at of [1, 2, 3]) writeFileSync(join(data, `images/${at}.png`), await picture(at, 'png'));
  const lines = [
    'sku;name;category;photo;colour',
    'A1;Red mug & "saucer";Kitchen > Mugs;1.png;red',
    'A2;Blue mug;Kitchen > Mugs;2.png;blue',
    'A3;Red bowl;Kitchen > Bowls;3.png;red',
    'A4;Red chair;Kitchenware;;red',
  ];
  writeFileSync(join(data, 'shop.csv'), lines.join('\n'));
  const catalogue = await openCatalogue(data);
  const { encoder } = await trainRun(run, config, catalogue, { dataPath: data });
  saveEmbeddings(run, { products: await embed(encoder, catalogue.products) });
  encoder.parameters.dispose();
});

const inRun = (...args: string[]) => moonLab('search', '--run', run, '--index', run, ...args);

test('a text finds items of the run; conditions are on the fields of the catalogue; no tensor is left', async () => {
  const { result, leaked } = await countLeaks(() => inRun('--text', 'red mug'));
  expect(leaked).toBe(0);
  const [head, ...lines] = result.out.trim().split('\n');
  expect(head).toMatch(/^rank {2}similarity +id {2}title$/);
  expect(lines.map((line) => line.trim().split(/ +/)[2]).sort()).toEqual(['A1', 'A2', 'A3', 'A4']);
  const kitchen = JSON.parse((await inRun('--text', 'mug', '--where', 'category=Kitchen', '--json')).out);
  expect(kitchen.found.map(({ id }: { id: string }) => id).sort()).toEqual(['A1', 'A2', 'A3']);
  expect(kitchen.found.find(({ id }: { id: string }) => id === 'A3').fields).toMatchObject({
    title: 'Red bowl',
    category: 'Kitchen > Bowls',
    colour: 'red',
  });
  const both = await inRun('--text', 'mug', '--where', 'category=Kitchen', '--where', 'colour=red', '--top', '1');
  expect(both.out.trim().split('\n')).toHaveLength(2);
  expect((await inRun('--text', 'mug', '--where', 'colour=green')).out).toBe('no item fits the conditions\n');
});

test('a page shows pictures with their core regions, and how similar each field is; titles are text', async () => {
  const photo = join(data, 'images/2.png');
  const { result, leaked } = await countLeaks(() => inRun('--image', photo, '--text', 'blue', '--html', page));
  expect([leaked, result.err, result.code]).toEqual([0, '', 0]);
  const html = readFileSync(page, 'utf8');
  expect(html.match(/data:image\/jpeg;base64/g)).toHaveLength(4);
  expect(html.match(/class="box"/g)).toHaveLength(4);
  expect(html).toContain('blue, 2.png');
  for (const aspect of ['image', 'title', 'category', 'attributes'])
    expect(html.match(new RegExp(`<small>${aspect} -?[01]\\.\\d{3}</small>`, 'g'))).toHaveLength(
      aspect === 'image' ? 3 : 4,
    );
  expect(html).toContain('>Red mug &amp; &#34;saucer&#34;<');
});

test('items like one need no network; pictures come from the field image', async () => {
  const rows = randomRows(30);
  const evil = '<img src=x onerror=alert(1)>\u001b[31m';
  const file = join(root, 'vectors.parquet');
  const image = rows.ids.map((_, row) => ['data/images/1.png', 'data/shop.csv', '/dev/null', 'data', null][row % 5]);
  const fields = { title: rows.ids.map(() => evil), category: rows.fields.category, image };
  writeEmbeddingFile(file, tableOfRows({ ...rows, fields }));
  const like = (...args: string[]) => moonLab('search', '--index', file, '--like', 'p20', ...args);
  const { out, code, err } = await like('--html', page);
  expect([code, err]).toEqual([0, '']);
  expect(out).not.toContain('\u001b');
  const lines = out.trim().split('\n').slice(1);
  expect(lines).toHaveLength(10);
  // Its twin is the nearest, and it is not among its own neighbours.
  expect(lines[0]).toMatch(/^1 +1\.0000 +p19 {2}<img/);
  const [expected] = await openMemoryStore(rows).search(await openMemoryStore(rows).items(['p20']), 10, {
    without: ['p20'],
  });
  expect(lines.map((line) => line.split(/ +/)[2])).toEqual(expected.map(({ id }) => id));
  const html = readFileSync(page, 'utf8');
  expect(html).not.toContain('<img src=x');
  // p20 itself, and every fifth other.
  const shown = 1 + expected.filter(({ id }) => Number(id.slice(1)) % 5 === 0).length;
  expect(html.match(/data:image\/jpeg;base64/g)).toHaveLength(shown);
  const approximate = await like('--method', 'approximate');
  expect(approximate.out).toBe(out);
});

test('what is wrong is one sentence', async () => {
  const file = join(root, 'other.parquet');
  writeEmbeddingFile(file, tableOfRows(randomRows(3)));
  const said = async (...args: string[]) => (await moonLab('search', ...args)).err;
  expect(await said('--index', file)).toContain('search: what to look for is missing; give --text, --image or --like.');
  expect(await said('--index', file, '--text', 'x')).toContain('--run: missing; a text or an image needs a network');
  expect(await said('--index', file, '--like', 'p1', '--where', 'category')).toContain(
    '--where: got "category", expected FIELD=VALUE such as category=Fruit.',
  );
  expect(await said('--index', file, '--like', 'p1', '--where', 'colr=red')).toBe(
    `moon-lab search: where: got "colr", expected a field of ${file}: title, category, colour; the nearest is colour.\n`,
  );
  expect(await said('--index', file, '--like', 'p9')).toContain('has no item "p9"; the nearest name is p');
  expect(await said('--index', file, '--run', run, '--text', 'mug')).toMatch(
    /other\.parquet: holds vectors of width 8, and the query has width \d+\. Use the network that made them/,
  );
  expect(await said('--index', `${file}x`, '--like', 'p1')).toContain('does not exist; did you mean');
  const indexed = async (...args: string[]) => (await moonLab('index', ...args)).err;
  expect(await indexed('--json')).toContain('index: give --embeddings with --to, or --from with --out.');
  expect(await indexed('--embeddings', file, '--to', 'shop.parquet')).toContain(
    "--to: got 'shop.parquet', expected postgres:TABLE or lance:FOLDER.",
  );
});
