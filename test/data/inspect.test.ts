import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { data } from '../../src/cli/data.js';
import { type Inspection, inspectData } from '../../src/data/inspect.js';
import { inspectionText } from '../../src/data/inspection-text.js';
import { dataFolder, picture } from './data-folder.js';

const image = (name: string) => readFileSync(join('test/fixtures/images', name));
const kindsOf = ({ issues }: Inspection) => issues.map(({ kind, file, line }) => [kind, file, line]);

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
  const folder = dataFolder({
    'data/shop.csv': Buffer.from(`\ufeffid,title,image\r\n${rows.join('\r\n')}\r\n`, 'utf8'),
    'data/images/good.jpg': await picture(1),
    'secret.jpg': await picture(2),
  });
  // The last row's byte is Latin-1.
  const utf8 = readFileSync(join(folder, 'data/shop.csv'));
  const latin = Buffer.from(utf8.toString('latin1').replace('caf\xc3\xa9', 'caf\xe9'), 'latin1');
  const more = dataFolder({
    'data/shop.csv': latin,
    'data/images/good.jpg': await picture(1),
    ...Object.fromEntries(
      ['cut-off.jpg', 'text.jpg', 'huge-header.png', 'empty.jpg'].map((name) => [`data/images/${name}`, image(name)]),
    ),
    'secret.jpg': await picture(2),
  });
  symlinkSync(join(more, 'secret.jpg'), join(more, 'data/images/link-out.jpg'));
  return join(more, 'data');
}

describe('inspectData', () => {
  test('every kind of bad input is named with file and line, and the rest loads', async () => {
    const inspection = await inspectData(await badFolder());
    const lineOf = (id: string) => badRows.findIndex(([first]) => first === id) + 2;
    expect(kindsOf(inspection)).toEqual([
      ['outside-folder', 'shop.csv', lineOf('leaves')],
      ['outside-folder', 'shop.csv', lineOf('link')],
      ['missing-image', 'shop.csv', lineOf('missing')],
      ['duplicate-id', 'shop.csv', 10],
      ['missing-id', 'shop.csv', 11],
      ['invalid-utf8', 'shop.csv', 12],
      ['broken-image', 'shop.csv', lineOf('cut-off')],
      ['broken-image', 'shop.csv', lineOf('text')],
      ['broken-image', 'shop.csv', lineOf('huge')],
      ['broken-image', 'shop.csv', lineOf('empty')],
      ['near-duplicate', 'shop.csv', 12],
    ]);
    expect(inspection).toMatchObject({ adapter: 'table', products: 9, images: 5, pairs: { text: 9, image: 0, product: 0 } });
  });
});
