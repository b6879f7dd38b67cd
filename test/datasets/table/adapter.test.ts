import { describe, expect, test } from 'vitest';
import { guessColumns, parseColumns, showColumns } from '../../../src/data/tables/columns.js';
import { openCatalogue, readData } from '../../../src/datasets/open.js';
import { dataFolder, picture } from '../../data/data-folder.js';

describe('guessColumns', () => {
  test.each([
    [['id', 'title', 'image'], 'id <- id; title <- title; image <- image'],
    [
      ['SKU', 'Product Name', 'Category Path', 'Image URL', 'Image URL 2', 'Brand', 'Price'],
      'id <- SKU; title <- Product Name; category <- Category Path; attributes <- Brand; image <- Image URL, Image URL 2; ignored <- Price',
    ],
    [
      ['item_id', 'name', 'cate1', 'cate2', 'search_term', 'split', 'desc'],
      'id <- item_id; title <- name; description <- desc; query <- search_term; split <- split; category <- cate1, cate2',
    ],
    [['a', 'b'], 'attributes <- a, b'],
  ])('%s', (columns, shown) => expect(showColumns(guessColumns(columns))).toBe(shown));
});

describe('parseColumns', () => {
  test('fields may come several times where a product has several', () => {
    expect(parseColumns('title=name, category=a=b,category=c')).toEqual({ title: 'name', category: ['a=b', 'c'] });
  });
  test.each([
    ['titel=name', /expected one of id \| title/],
    ['title', /expected field=column/],
    ['title=', /expected field=column/],
    ['title=name,title=label', /expected one column for title, which already has name/],
  ])('%s', (text, message) => expect(() => parseColumns(text)).toThrow(message));
});

describe('table', () => {
  test('a CSV with images by name, a category path, a description and lists', async () => {
    const folder = dataFolder({
      'shop.csv': [
        'sku;name;category;photo;colour;desc',
        'A1;Red mug;Kitchen > Mugs;mug.png | sub/mug2.png;red|white;A mug',
        'A2;Blue mug;Kitchen > Mugs;mug.png;blue;',
      ].join('\n'),
      'images/mug.png': await picture(1, 'png'),
      'sub/mug2.png': await picture(2, 'png'),
    });
    const { catalogue, columns } = await readData(folder);
    expect(catalogue.adapter).toBe('table');
    expect(catalogue.issues).toEqual([]);
    expect(columns?.title).toBe('name');
    expect(catalogue.products.map(({ images, ...rest }) => [rest, images.map(({ id }) => id)])).toEqual([
      [
        {
          id: 'A1',
          title: 'Red mug',
          category: ['Kitchen', 'Mugs'],
          attributes: { colour: ['red', 'white'] },
          description: 'A mug',
        },
        ['images/mug.png', 'sub/mug2.png'],
      ],
      [
        { id: 'A2', title: 'Blue mug', category: ['Kitchen', 'Mugs'], attributes: { colour: ['blue'] } },
        ['images/mug.png'],
      ],
    ]);
    expect(catalogue.pairs.map(({ query, product, split }) => [query.text, product, split])).toEqual([
      ['Red mug', 'A1', 'train'],
      ['Blue mug', 'A2', 'train'],
    ]);
  });

  test('JSONL with queries and splits; one product in several rows', async () => {
    const rows = [
      { id: 7, title: 'Mug', query: 'cup', split: 'train', tags: ['a', 'b'] },
      { id: 7, title: 'Mug', query: 'coffee cup', split: 'Validation' },
      { id: 8, title: 'Plate', query: 'dish', split: 'holdout' },
      { id: 8, title: 'Plate' },
    ];
    const folder = dataFolder({ 'log.jsonl': rows.map((row) => JSON.stringify(row)).join('\n') });
    const { products, pairs, issues } = await openCatalogue(folder);
    expect(products.map(({ id, attributes }) => [id, attributes])).toEqual([
      ['7', { tags: ['a', 'b'] }],
      ['8', {}],
    ]);
    expect(pairs.map(({ query, product, split }) => [query.text, product, split])).toEqual([
      ['cup', '7', 'train'],
      ['coffee cup', '7', 'val'],
      ['dish', '8', 'train'],
    ]);
    expect(issues.map(({ kind, line }) => [kind, line])).toEqual([
      ['unknown-split', 3],
      ['repeated-id', 4],
    ]);
  });

  test('a corrected mapping; images by id where no column names them', async () => {
    const folder = dataFolder({
      'x.csv': 'id,name,label\n1,wrong,Right title\n',
      'images/1.png': await picture(3, 'png'),
    });
    const { products } = await openCatalogue(folder, { map: { title: 'label' } });
    expect(products).toMatchObject([
      { title: 'Right title', attributes: { name: ['wrong'] }, images: [{ id: 'images/1.png' }] },
    ]);
    await expect(openCatalogue(folder, { adapter: 'mbe', map: { title: 'label' } })).rejects.toThrow(
      'data.adapter: got "mbe", expected one of table since a map is given.',
    );
    await expect(openCatalogue(folder, { map: { title: 'titel' } })).rejects.toThrow(
      'data.map: got "titel", expected one of the columns id | name | label.',
    );
  });

  test('no id column, no title column, a number where text stands, records where text stands', async () => {
    const folder = dataFolder({ 'x.jsonl': '{"name": 5, "colour": {"a": 1}}\n{"name": "ok", "colour": 3}\n' });
    const { products, issues } = await openCatalogue(folder);
    expect(products.map(({ id, title, attributes }) => [id, title, attributes])).toEqual([
      ['1', '5', { a: ['1'] }],
      ['2', 'ok', { colour: ['3'] }],
    ]);
    expect(issues.map(({ kind, line }) => [kind, line])).toEqual([
      ['missing-column', 1],
      ['not-text', 1],
    ]);
  });
});

describe('openCatalogue', () => {
  test('says what it expected', async () => {
    const empty = dataFolder({ 'readme.txt': 'x' });
    await expect(openCatalogue(empty)).rejects.toThrow(
      /holds no products in any of the layouts grocery \| fashion \| mbe \| shop \| table/,
    );
    await expect(openCatalogue('no/such/folder')).rejects.toThrow(
      'data: no/such/folder does not exist; there is no folder no/such either; check the path.',
    );
    const photos = dataFolder({ 'a/1.jpg': await picture(1), 'a/2.jpg': await picture(2) });
    await expect(openCatalogue(photos)).rejects.toThrow('holds 2 images and no table');
    const packed = dataFolder({ 'shop.zip': 'PK' });
    await expect(openCatalogue(packed)).rejects.toThrow('holds no table, and the archive shop.zip. Unpack it there.');
    await expect(openCatalogue(`${packed}/shop.zip`)).rejects.toThrow('is an archive. Unpack it');
    const named = dataFolder({ 'artikel.csv': 'id,title\n', 'misnamed.csv': Buffer.from('PK\x03\x04') });
    await expect(openCatalogue(`${named}/artikl.csv`)).rejects.toThrow(
      /artikl\.csv does not exist; did you mean .*artikel\.csv\?/,
    );
    await expect(openCatalogue(`${named}/misnamed.csv`)).rejects.toThrow('is a ZIP archive or an Excel table.');
    await expect(openCatalogue(empty, { adapter: 'shopify' })).rejects.toThrow(
      'data.adapter: got "shopify", expected one of grocery | fashion | mbe | shop | table.',
    );
    for (const adapter of ['grocery', 'fashion', 'mbe', 'table', 'shop']) {
      await expect(openCatalogue(empty, { adapter }), adapter).rejects.toThrow(/^data/);
    }
    const two = dataFolder({ 'a.csv': 'id,title\n', 'b.csv': 'id,title\n' });
    await expect(openCatalogue(two)).rejects.toThrow(/contains 2 tables \(a.csv, b.csv\)\. Give the path/);
  });
});
