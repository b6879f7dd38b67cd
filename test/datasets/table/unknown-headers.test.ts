import { describe, expect, test } from 'vitest';
import { openCatalogue, readData } from '../../../src/datasets/open.js';
import { planStudy } from '../../../src/datasets/study/plan-study.js';
import { dataFolder, picture } from '../../data/data-folder.js';

const rows = (count: number, row: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => row(at)).join('\n');

describe('columns whose names say nothing are known by their values', () => {
  test('names of pictures, unique codes, the longest text; links, money, codes and what is always the same are no attributes', async () => {
    const text = `Artikel;Ware;Ansicht;UVP;Netz;Charge;Lager;Farbe\n${rows(30, (at) => `K-${at};Tasse mit Henkel ${at};bilder/${at}.jpg;${at},99;https://x.y/${at};4006381333${100 + at};ja;${['rot', 'blau'][at % 2]}`)}`;
    const shown = await picture(1);
    const { catalogue, columns } = await readData(dataFolder({ 'x.csv': text, 'bilder/3.jpg': shown }));
    expect(columns).toMatchObject({ id: 'Artikel', title: 'Ware', image: ['Ansicht'], attributes: ['Farbe'] });
    expect(columns?.ignored.toSorted()).toEqual(['Charge', 'Lager', 'Netz', 'UVP']);
    expect(catalogue.products[3]).toMatchObject({ id: 'K-3', images: [{ id: 'bilder/3.jpg' }] });
  });

  test('a map of the user holds as it is', async () => {
    const folder = dataFolder({ 'x.csv': `a,b\n${rows(30, (at) => `K-${at},Cup ${at}`)}` });
    const { columns } = await readData(folder, { map: { title: 'b' } });
    expect(columns).toMatchObject({ title: 'b', attributes: ['a'] });
  });
});

describe('a table of products', () => {
  test('is found beside others, which are named', async () => {
    const { products, issues } = await openCatalogue(
      dataFolder({ 'articles.csv': 'id,title\n1,Cup\n', 'stores.csv': 'town,id\nUlm,7\n', 'a/b.csv': 'x\n1\n' }),
    );
    expect(products.length).toBe(1);
    expect(issues.map(({ kind, file }) => [kind, file])).toEqual([['not-read', 'stores.csv']]);
  });

  test('has ids that a spreadsheet shortened: its products stay apart, and that is said', async () => {
    const { products, issues } = await openCatalogue(
      dataFolder({ 'a.csv': 'ean,title\n4.00638E+12,Cup\n4.00638E+12,Pot\n4006381333931,Pen\n' }),
    );
    expect(products.map(({ id, title }) => [id, title])).toEqual([
      ['4.00638E+12 in line 2', 'Cup'],
      ['4.00638E+12 in line 3', 'Pot'],
      ['4006381333931', 'Pen'],
    ]);
    expect(issues.map(({ message }) => message)).toEqual([
      'ean was shortened by a spreadsheet (4.00638E+12); export it as text (2 times)',
    ]);
  });

  test('may have lines above its header', async () => {
    const folder = dataFolder({
      'x.csv': 'Product list 2024\n\nsku;title;color;image\nA1;Mug;red;a.jpg\nA2;"Lamp\nlarge";blue;b.jpg\n',
    });
    const { products, issues } = await openCatalogue(folder);
    expect(products.map(({ id, title }) => [id, title])).toEqual([
      ['A1', 'Mug'],
      ['A2', 'Lamp\nlarge'],
    ]);
    expect(issues.map(({ kind, line }) => [kind, line])).toEqual([
      ['above-header', 1],
      ['missing-image', 4],
      ['missing-image', 5],
    ]);
  });

  test('finds pictures by id where its links lead nowhere here', async () => {
    const folder = dataFolder({
      'x.csv': 'sku,title,image\nB1,Mug,https://x.y/z.jpg\n',
      'pics/B1.jpg': await picture(1),
    });
    const { products, issues } = await openCatalogue(folder);
    expect([products[0].images.map(({ id }) => id), issues]).toEqual([['pics/B1.jpg'], []]);
  });

  test('reads objects and lists of named values', async () => {
    const table = [
      {
        id: 1,
        title: 'Mug',
        attributes: { color: 'red', size: 'L' },
        category: { id: 3, name: 'Kitchen' },
        images: [{ url: 'a.jpg' }],
      },
      {
        id: 2,
        title: 'Lamp',
        attributes: [{ name: 'color', value: 'blue' }],
        category: { id: 4, name: 'Light' },
        deep: [{ x: { y: 1 } }],
      },
    ];
    const { products, issues } = await openCatalogue(dataFolder({ 'x.json': JSON.stringify(table) }));
    expect(products.map(({ category, attributes }) => [category, attributes])).toEqual([
      [['Kitchen'], { color: ['red'], size: ['L'] }],
      [['Light'], { color: ['blue'] }],
    ]);
    expect(issues.map(({ kind }) => kind)).toEqual(['missing-image', 'records']);
  });

  test('of a known layout says which columns are not read, and joins rows aloud', async () => {
    const folder = dataFolder({
      'x.csv':
        'Handle,Title,Body (HTML),Option1 Name,Option1 Value,Image Src,Batch,Fabric (product.metafields.custom.fabric)\nmug,Mug,x,Size,S,,7,Oak\nmug,,,,M,,7,\n',
    });
    const { products, issues } = await openCatalogue(folder);
    expect(products[0].attributes).toEqual({ Fabric: ['Oak'], Size: ['S', 'M'] });
    expect(issues.map(({ message }) => message)).toEqual([
      'columns that are not read: Batch',
      'a row is joined to the product that an earlier row names',
    ]);
  });
});

describe('a study', () => {
  test('keeps the splits that the data have', async () => {
    const split = (at: number) => ['train', 'train', 'train', 'val', 'test'][at % 5];
    const data = dataFolder({
      'x.csv': `id,title,split,color\n${rows(20, (at) => `${at},Cup ${at},${split(at)},c${at % 3}`)}`,
    });
    const { catalogue } = await planStudy(data, { seed: 1 });
    const splits = Object.fromEntries(catalogue.pairs.map((pair) => [pair.product, pair.split]));
    expect(splits).toEqual(Object.fromEntries(Array.from({ length: 20 }, (_, at) => [at, split(at)])));
  });

  test('has queries in every split, though few titles are different', async () => {
    const data = dataFolder({ 'x.csv': `sku,title,color\n${rows(12, (at) => `s${at},Shirt ${at % 2},c${at % 2}`)}` });
    const { catalogue } = await planStudy(data, { seed: 1 });
    expect(new Set(catalogue.pairs.map(({ split }) => split))).toEqual(new Set(['train', 'dev', 'val']));
  });
});
