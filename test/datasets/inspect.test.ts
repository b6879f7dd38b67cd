import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inspectData } from '../../src/datasets/inspect/inspect.js';
import { inspectionText } from '../../src/datasets/inspect/text.js';
import { moonLab } from '../cli/moon-lab.js';
import { dataFolder, picture } from '../data/data-folder.js';
import { sharedData } from '../needs.js';

/** One row a misfortune; the line of each is its place here plus 2. */
const badRows = [
  ['good', 'Good', 'good.jpg'],
  ['cut-off', 'Cut off', 'cut-off.jpg'],
  ['text', 'A text named .jpg', 'text.jpg'],
  ['huge', '30,000 x 30,000 in the header', 'huge-header.png'],
  ['leaves', 'A path that leaves', '../../etc/passwd'],
  ['link', 'A link out', 'link-out.jpg'],
  ['empty', 'Zero bytes', 'empty.jpg'],
  ['missing', 'Not there', 'missing.jpg'],
  ['good', 'The same id again', 'good.jpg'],
  ['', 'No id', 'good.jpg'],
  ['latin', 'caf\xe9', 'good.jpg'],
];

async function badFolder(): Promise<string> {
  const rows = badRows.map((cells) => cells.map((cell) => `"${cell}"`).join(','));
  const broken = ['cut-off.jpg', 'text.jpg', 'huge-header.png', 'empty.jpg'];
  const top = dataFolder({
    'data/shop.csv': Buffer.from(`\xef\xbb\xbfid,title,image\r\n${rows.join('\r\n')}\r\n`, 'latin1'),
    'data/images/good.jpg': await picture(1),
    'secret.jpg': await picture(2),
    ...Object.fromEntries(
      broken.map((name) => [`data/images/${name}`, readFileSync(join('test/fixtures/images', name))]),
    ),
  });
  symlinkSync(join(top, 'secret.jpg'), join(top, 'data/images/link-out.jpg'));
  return join(top, 'data');
}

describe('inspectData', () => {
  test('every kind of bad input is named with file and line, and the rest loads', async () => {
    const inspection = await inspectData(await badFolder());
    expect(inspection).toMatchObject({
      adapter: 'table',
      products: 9,
      images: 5,
      pairs: { text: 9, image: 0, product: 0 },
    });
    expect(inspection.issues.every(({ file }) => file === 'shop.csv')).toBe(true);
    const idOf = (line = 0) => badRows[line - 2][0];
    expect(inspection.issues.map(({ kind, line }) => [kind, line, idOf(line)])).toEqual([
      ['broken-image', 3, 'cut-off'],
      ['broken-image', 4, 'text'],
      ['broken-image', 5, 'huge'],
      ['outside-folder', 6, 'leaves'],
      ['outside-folder', 7, 'link'],
      ['broken-image', 8, 'empty'],
      ['missing-image', 9, 'missing'],
      ['duplicate-id', 10, 'good'],
      ['missing-id', 11, ''],
      ['invalid-utf8', 12, 'latin'],
      ['near-duplicate', 12, 'latin'],
    ]);
  });

  test('the category tree, attribute coverage and near-duplicates', async () => {
    const inspection = await inspectData(
      dataFolder({
        'shop.jsonl': [
          { id: 1, title: 'Mug', category: 'Kitchen > Mugs', colour: 'red' },
          { id: 2, title: 'mug', category: 'Kitchen > Mugs > Large', colour: ['red', 'blue'], size: 'L' },
          { id: 3, title: 'Vase', category: 'Living' },
          { id: 4, title: 'Thing' },
        ]
          .map((row) => JSON.stringify(row))
          .join('\n'),
      }),
    );
    expect(inspection.categories).toEqual({ levels: 3, leaves: 2 });
    expect(inspection.tree).toEqual([
      {
        name: 'Kitchen',
        products: 2,
        children: [{ name: 'Mugs', products: 2, children: [{ name: 'Large', products: 1, children: [] }] }],
      },
      { name: 'Living', products: 1, children: [] },
    ]);
    expect(inspection.attributes).toEqual({ colour: 2, size: 1 });
    expect(inspection.coverage).toEqual({ colour: 2, size: 1 });
    expect(inspection.duplicates).toEqual([{ by: 'title', products: ['1', '2'] }]);
    expect(inspection.issues).toEqual([
      { file: 'shop.jsonl', line: 2, kind: 'near-duplicate', message: 'one title: products 1, 2' },
    ]);
  });
});

/** What the command prints. */
async function printed(...args: string[]): Promise<string> {
  const { code, out } = await moonLab('data', 'inspect', ...args);
  expect(code).toBe(0);
  return out.trimEnd();
}

describe('data inspect', () => {
  test('--json has the documented keys', async () => {
    const folder = await badFolder();
    const json = JSON.parse(await printed(folder, '--json'));
    expect(json).toMatchObject({
      adapter: 'table',
      products: 9,
      images: 5,
      pairs: { text: 9, image: 0, product: 0 },
      categories: { levels: 0, leaves: 0 },
      attributes: {},
    });
    expect(json.issues[0]).toEqual({
      file: 'shop.csv',
      line: 3,
      kind: 'broken-image',
      message: expect.stringContaining('images/cut-off.jpg: '),
    });
  });

  test('the text shows the guessed columns and counts issues by kind; --map corrects', async () => {
    const folder = dataFolder({ 'x.csv': 'id,name,label\n1,one,eins\n1,two,zwei\n' });
    expect((await printed(folder)).split('\n')).toEqual([
      'adapter     table',
      'columns     id <- id; title <- name; attributes <- label (correct with --map)',
      'products    1; 0 with image, 1 with title, 0 with category, 1 with attributes',
      'queries     train 1 text',
      'categories  0 levels, 0 leaves',
      'attributes  1',
      '  label: 1 values, 1 products (100.0%)',
      'issues      1',
      '  duplicate-id: 1',
      '    x.csv:3  product 1 is listed twice with different titles; the first is kept',
    ]);
    expect(await printed(folder, '--map', 'title=label')).toContain('title <- label');
  });

  test('the embedded pack: dev against validation, within 10 points by the recorded features', async () => {
    const { neighbours, ...inspection } = await inspectData('data/grocery');
    expect(inspection).toMatchObject({
      adapter: 'grocery',
      products: 81,
      images: 3017,
      pairs: { text: 80, image: 2936 },
    });
    expect(inspection.issues.filter(({ kind }) => kind === 'broken-image' || kind === 'missing-image')).toEqual([]);
    const [recorded, histogram] = neighbours;
    expect(Math.abs(recorded.dev - recorded.val)).toBeLessThan(10);
    expect(histogram.photos?.val).toBe(296);
    expect(inspectionText({ ...inspection, neighbours })).toMatch(/recorded in groups.json: .* within 10 points/);
  });
});

describe('the supplied layouts', { tags: ['data'] }, () => {
  test.each([
    ['grocery-store', { adapter: 'grocery', products: 81, images: 3017, pairs: { text: 80, image: 2936, product: 0 } }],
    [
      'fashion-product-images',
      { adapter: 'fashion', products: 7616, images: 7616, pairs: { text: 7616, image: 0, product: 0 } },
    ],
  ])('%s', async (name, counts) => {
    const inspection = await inspectData(join(sharedData, name));
    expect(inspection).toMatchObject(counts);
    const wrong = inspection.issues.filter(
      ({ kind }) => !['near-duplicate', 'translated-value', 'misnamed-file', 'absent-value'].includes(kind),
    );
    expect(wrong).toEqual([]);
  });
});
