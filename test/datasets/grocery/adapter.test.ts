import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Catalogue } from '../../../src/data/types.js';
import { parseInformation } from '../../../src/datasets/grocery/information.js';
import { openCatalogue } from '../../../src/datasets/open.js';
import { dataFolder, picture } from '../../data/data-folder.js';
import { sharedData } from '../../needs.js';

const header =
  'Class Name (str),Class ID (int),Coarse Class Name (str),Coarse Class ID (int),Iconic Image Path (str),Product Description Path (str)';

/** A class as the original writes it. */
function classRow(name: string, id: number, coarse: string, coarseId: number, folder: string): string {
  const base = `/iconic-images-and-descriptions/${folder}/${name}`;
  return `${name},${id},${coarse},${coarseId},${base}_Iconic.jpg,${base}_Description.txt`;
}

/** Two apples and a milk; `more` overwrites or adds files. */
async function smallGrocery(more: Record<string, string | Uint8Array> = {}): Promise<string> {
  const iconic = 'iconic-images-and-descriptions';
  const files: Record<string, string | Uint8Array> = {
    'classes.csv': [
      header,
      classRow('Pink-Lady', 0, 'Apple', 0, 'Fruit/Apple/Pink-Lady'),
      classRow('Banana', 1, 'Banana', 1, 'Fruit/Banana'),
      classRow('Arla-Milk', 2, 'Milk', 2, 'Packages/Milk/Arla-Milk'),
    ].join('\n'),
    'train.txt': 'train/a.jpg, 0, 0\ntrain/b.jpg, 0, 0\ntrain/c.jpg, 2, 2\n',
    'val.txt': 'val/a.jpg, 0, 0\n',
    'train/a.jpg': await picture(1),
    'train/b.jpg': await picture(2),
    'train/c.jpg': await picture(3),
    'val/a.jpg': await picture(4),
  };
  for (const [index, name] of [
    'Fruit/Apple/Pink-Lady/Pink-Lady',
    'Fruit/Banana/Banana',
    'Packages/Milk/Arla-Milk/Arla-Milk',
  ].entries()) {
    files[`${iconic}/${name}_Iconic.jpg`] = await picture(10 + index);
    files[`${iconic}/${name}_Description.txt`] = `About ${index}.`;
    files[`${iconic}/${name}_Information.txt`] = `Title: Shop title ${index} \nCountry: Sweden \nURL: x\n`;
  }
  return dataFolder({ ...files, ...more });
}

const kindsOf = ({ issues }: Catalogue) => issues.map(({ kind, file, line }) => [kind, file, line]);

describe('grocery', () => {
  test('products, paths, photos, the held-back title', async () => {
    const { products, pairs, issues, adapter } = await openCatalogue(await smallGrocery());
    expect(adapter).toBe('grocery');
    expect(issues).toEqual([]);
    expect(products.map(({ id, title, category }) => [id, title, category])).toEqual([
      ['Pink-Lady', 'Pink Lady', ['Fruit', 'Apple']],
      ['Banana', 'Banana', ['Fruit', 'Banana']],
      ['Arla-Milk', 'Arla Milk', ['Packages', 'Milk']],
    ]);
    expect(products[0].images.map(({ id }) => id)).toEqual([
      'iconic-images-and-descriptions/Fruit/Apple/Pink-Lady/Pink-Lady_Iconic.jpg',
      'train/a.jpg',
      'train/b.jpg',
    ]);
    expect(products[0].description).toBe('About 0.');
    expect(products[0].attributes).toEqual({ country: ['Sweden'] });
    expect(JSON.stringify(products)).not.toContain('Shop title');
    expect(pairs.map(({ query, product, split }) => [query.text ?? query.image?.id, product, split])).toEqual([
      ['Shop title 0', 'Pink-Lady', 'val'],
      ['Shop title 1', 'Banana', 'val'],
      ['Shop title 2', 'Arla-Milk', 'val'],
      ['train/a.jpg', 'Pink-Lady', 'train'],
      ['train/b.jpg', 'Pink-Lady', 'train'],
      ['train/c.jpg', 'Arla-Milk', 'train'],
      ['val/a.jpg', 'Pink-Lady', 'val'],
    ]);
  });

  test('groups, dev and hand-written attributes', async () => {
    const groups = { groups: { 'train/a.jpg': 'g1', 'train/b.jpg': 'g2', 'val/a.jpg': 'g3' }, dev: ['g2', 'g9'] };
    const attributes = {
      'Pink-Lady': { colour: ['red', 'pink'], country: ['Italy'] },
      Unknown: {},
      Banana: { form: 3 },
    };
    const catalogue = await openCatalogue(
      await smallGrocery({ 'groups.json': JSON.stringify(groups), 'attributes.json': JSON.stringify(attributes) }),
    );
    const [pinkLady] = catalogue.products;
    expect(pinkLady.attributes).toEqual({ colour: ['red', 'pink'], country: ['Italy'] });
    expect(pinkLady.images.map(({ id, group }) => [id.split('/').at(-1), group])).toEqual([
      ['Pink-Lady_Iconic.jpg', undefined],
      ['a.jpg', 'g1'],
    ]);
    const photos = catalogue.pairs.filter(({ query }) => query.image);
    expect(photos.map(({ query, split }) => [query.id, query.image?.group, split])).toEqual([
      ['train/a.jpg', 'g1', 'train'],
      ['train/b.jpg', 'g2', 'dev'],
      ['train/c.jpg', undefined, 'train'],
      ['val/a.jpg', 'g3', 'val'],
    ]);
    expect(kindsOf(catalogue)).toEqual([
      ['unknown-class', 'attributes.json', undefined],
      ['bad-attributes', 'attributes.json', undefined],
      ['unknown-group', 'groups.json', undefined],
    ]);
  });

  test('bad rows are named with their line and the rest loads', async () => {
    const catalogue = await openCatalogue(
      await smallGrocery({
        'classes.csv': [
          header,
          classRow('Pink-Lady', 0, 'Apple', 0, 'Fruit/Apple/Pink-Lady'),
          classRow('Pink-Lady', 5, 'Apple', 0, 'Fruit/Apple/Pink-Lady'),
          'Banana,one,Banana,1,/a.jpg,/b.txt',
          classRow('Leek', 3, 'Leek', 3, 'Vegetables/Leek'),
        ].join('\r\n'),
        'train.txt': [
          'train/a.jpg, 0, 7',
          'train/missing.jpg, 0, 0',
          '../../etc/passwd, 0, 0',
          'train/b.jpg, 77, 0',
          'train/b.jpg, zero, 0',
          'train/b.jpg',
          'train/a.jpg, 0, 0',
          'train/b.jpg, 0, 0',
        ].join('\n'),
        'val.txt': 'val/a.jpg, 0, 0\ntrain/a.jpg, 0, 0\n',
        'groups.json': '{ "groups": []',
      }),
    );
    expect(catalogue.products.map(({ id, images }) => [id, images.length])).toEqual([
      ['Pink-Lady', 3],
      ['Leek', 0],
    ]);
    expect(kindsOf(catalogue)).toEqual([
      ['duplicate-id', 'classes.csv', 3],
      ['bad-row', 'classes.csv', 4],
      ['missing-image', 'classes.csv', 5],
      ['missing-file', 'classes.csv', 5],
      ['missing-file', 'classes.csv', 5],
      ['bad-json', 'groups.json', undefined],
      ['wrong-category', 'train.txt', 1],
      ['missing-image', 'train.txt', 2],
      ['outside-folder', 'train.txt', 3],
      ['unknown-class', 'train.txt', 4],
      ['bad-row', 'train.txt', 5],
      ['bad-row', 'train.txt', 6],
      ['duplicate-id', 'train.txt', 7],
      ['duplicate-id', 'val.txt', 2],
    ]);
  });
});

describe('parseInformation', () => {
  test.each([
    ['Country and volume: Peru, 250g', { country: ['Peru'], volume: ['250 g'] }],
    ['Country and volume: The Netherlands,\u00a0 ca 1.05kg ', { country: ['The Netherlands'], volume: ['1.05 kg'] }],
    ['Manufacturer and volume: GOD MORGON\u00a0 ,\u00a0 1l ', { manufacturer: ['GOD MORGON'], volume: ['1 l'] }],
    ['Manufacturer and volume: ARLA KO, 1,5l', { manufacturer: ['ARLA KO'], volume: ['1.5 l'] }],
    ['Country: Costa Rica ', { country: ['Costa Rica'] }],
    ['Manufacturing country: Sweden', { country: ['Sweden'] }],
    ['Ingredients: milk\n   energy ca 300 kilojoule \nURL: https://shop/x', {}],
  ])('%s', (text, attributes) => {
    expect(parseInformation(text, () => expect.unreachable())).toEqual({ attributes });
  });

  test('what does not parse is named with its line', () => {
    const notes: unknown[] = [];
    const text = 'Title: Leek\nCountry and volume: Peru\nno key\nColour: green\nManufacturing country: Sverige';
    expect(parseInformation(text, (kind, line) => notes.push([kind, line]))).toEqual({
      title: 'Leek',
      attributes: { country: ['Sweden'] },
    });
    expect(notes).toEqual([
      ['unparsed-volume', 2],
      ['unparsed-line', 3],
      ['unparsed-line', 4],
      ['translated-value', 5],
    ]);
  });
});

/** The slow obvious reading of the original's lists. */
function countSource(folder: string) {
  const lines = (file: string) =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .filter((line) => line.trim());
  const texts = readdirSync(join(folder, 'iconic-images-and-descriptions'), { recursive: true, encoding: 'utf8' });
  const titles = texts.filter((file) => file.endsWith('_Information.txt'));
  return { classes: lines('classes.csv').length - 1, train: lines('train.txt'), val: lines('val.txt'), titles };
}

const original = join(sharedData, 'grocery-store');

describe('the original GroceryStore set', { tags: ['data'] }, () => {
  test('counts match the source files', async () => {
    const source = countSource(join(original, 'dataset'));
    const { products, pairs, issues } = await openCatalogue(original);
    expect([source.classes, source.train.length, source.val.length, source.titles.length]).toEqual([81, 2640, 296, 80]);
    expect(products.length).toBe(source.classes);
    const photos = (split: string) => pairs.filter((pair) => pair.split === split && pair.query.image);
    expect(photos('train').map(({ query }) => query.id)).toEqual(source.train.map((line) => line.split(',')[0]));
    expect(photos('val').map(({ query }) => query.id)).toEqual(source.val.map((line) => line.split(',')[0]));
    expect(pairs.filter(({ query }) => query.text).length).toBe(source.titles.length);
    expect(pairs.length).toBe(2640 + 296 + 80);
    expect(products.reduce((sum, { images }) => sum + images.length, 0)).toBe(81 + 2640);
    expect(products.every(({ description }) => description)).toBe(true);
    expect(new Set(products.map(({ category }) => category[0])).size).toBe(3);
    expect(new Set(products.map(({ category }) => category.join('/'))).size).toBe(43);
    expect(products.every(({ category }) => category.length === 2)).toBe(true);
    const kinds = new Set(
      issues.map(({ kind, file }) => `${kind} ${kind === 'misnamed-file' ? file.split('/').at(-1) : ''}`),
    );
    expect([...kinds]).toEqual(['translated-value ', 'misnamed-file Cabbage-Information.txt']);
  });

  test('the pack holds the same products and photos, plus groups, dev and attributes', async () => {
    const [from, pack] = await Promise.all([openCatalogue(original), openCatalogue('data/grocery')]);
    expect(pack.products.map(({ id, title, category }) => [id, title, category])).toEqual(
      from.products.map(({ id, title, category }) => [id, title, category]),
    );
    expect(pack.pairs.map(({ query, product }) => [query.id, query.text, product])).toEqual(
      from.pairs.map(({ query, product }) => [query.id, query.text, product]),
    );
    expect(pack.issues).toEqual(from.issues);
    const dev = pack.pairs.filter(({ split }) => split === 'dev');
    expect(dev.length / 2640).toBeCloseTo(0.15, 1);
    const devGroups = new Set(dev.map(({ query }) => query.image?.group));
    const trainGroups = pack.pairs.filter(({ split }) => split === 'train').map(({ query }) => query.image?.group);
    expect(trainGroups.filter((group) => devGroups.has(group))).toEqual([]);
    const devPhotos = new Set(dev.map(({ query }) => query.id));
    expect(pack.products.flatMap(({ images }) => images).filter(({ id }) => devPhotos.has(id))).toEqual([]);
  });
});
