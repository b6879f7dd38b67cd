import { describe, expect, test } from 'vitest';
import { countFound } from '../../src/data/found.js';
import { foundLines } from '../../src/data/found-text.js';
import type { Catalogue, Pair, Product } from '../../src/data/types.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { dataFolder, picture } from './data-folder.js';

const image = (id: string) => ({ id, source: { kind: 'file', path: `/nowhere/${id}` } }) as const;

function product(id: string, more: Partial<Product> = {}): Product {
  return { id, title: `Title of ${id}`, category: [], attributes: {}, images: [], ...more };
}

function catalogueOf(products: Product[], pairs: Pair[] = [], more: Partial<Catalogue> = {}): Catalogue {
  return { adapter: 'table', root: '/data/shop', products, pairs, issues: [], ...more };
}

describe('countFound', () => {
  const whole = catalogueOf(
    [
      product('a', { images: [image('a1'), image('a2')], category: ['Mugs'] }),
      product('b', { images: [image('b1')], attributes: { colour: ['red'] } }),
      product('c', { title: '' }),
      product('d', { images: [image('d1')] }),
    ],
    [
      { query: { id: 'q1', text: 'mug' }, product: 'a', split: 'train' },
      { query: { id: 'q2', image: image('q2') }, product: 'c', split: 'train' },
      { query: { id: 'q3', image: image('q3'), text: 'like this' }, product: 'b', split: 'train' },
      { query: { id: 'q4', image: image('b1') }, product: 'b', split: 'val' },
    ],
  );

  test('products by field, images once, pairs by split and form', () => {
    expect(countFound(whole)).toEqual({
      root: '/data/shop',
      products: { all: 4, image: 3, title: 3, category: 1, attributes: 1 },
      images: { found: 6, missing: 0, unreadable: 0 },
      pairs: { train: { text: 1, image: 1, product: 1 }, val: { text: 0, image: 1, product: 0 } },
      pairsLeftOut: 0,
      training: { products: 3, image: 3 },
      alike: { title: 0, everything: 0 },
    });
  });

  test('without images that could not be read; of an image that the catalogue has not, nothing', () => {
    const unreadable = new Map(['q2', 'q3', 'b1', 'another'].map((id) => [id, 'not an image']));
    expect(countFound(whole, unreadable)).toEqual({
      root: '/data/shop',
      products: { all: 4, image: 2, title: 3, category: 1, attributes: 1 },
      images: { found: 3, missing: 0, unreadable: 3, example: { name: 'b1' } },
      // The query of image and text is left its text; the two of an image alone are gone.
      pairs: { train: { text: 2, image: 0, product: 0 } },
      pairsLeftOut: 2,
      training: { products: 2, image: 1 },
      alike: { title: 0, everything: 0 },
    });
  });

  test('images that rows name and that are not there, once each, and the queries lost with them', async () => {
    const rows = [
      'id,title,image,query,query image,split',
      '1,Red mug,1.jpg,mug,,train',
      '2,Blue mug,2.jpg,,q.jpg,train', // an image alone: no query is left
      '3,Vase,2.jpg,vase,q.jpg,train', // its text is left
      '4,Bowl,../../secret.jpg,bowl,,val',
    ];
    const folder = dataFolder({ 'shop.csv': rows.join('\n'), '1.jpg': await picture(1) });
    const catalogue = await openCatalogue(folder);
    const found = countFound(catalogue);
    expect(found).toMatchObject({
      root: catalogue.root,
      products: { all: 4, image: 1 },
      images: { found: 1, missing: 3, example: { name: 'q.jpg', file: 'shop.csv', line: 3 } },
      pairs: { train: { text: 2, image: 0, product: 0 }, val: { text: 1, image: 0, product: 0 } },
      pairsLeftOut: 1,
    });
  });
});

describe('products that are alike', () => {
  const asked = (products: Product[], split: Pair['split'] = 'train') =>
    products.map(({ id }): Pair => ({ query: { id: `${id}/q`, text: id }, product: id, split }));
  const twins = [
    product('a', { title: 'Red Mug', category: ['Mugs'], attributes: { size: ['L'], colour: ['red'] } }),
    product('b', { title: 'red  mug!', category: ['Mugs'], attributes: { colour: ['red'], size: ['L'] } }),
    product('c', { title: 'Red mug', category: ['Mugs'], attributes: { colour: ['red'] } }),
    product('d', { title: '', category: ['Vases'] }),
    product('e', { title: '', category: ['Vases'] }),
    product('f', { title: '', category: ['Vases'], images: [image('f')] }),
  ];

  test('by title, and in every field that is shown', () => {
    expect(countFound(catalogueOf(twins, asked(twins))).alike).toEqual({ title: 3, everything: 4 });
  });

  test('are no negatives of each other where the data call them duplicates', () => {
    const duplicates = [
      ['a', 'b'],
      ['d', 'e'],
    ];
    // `c` still stands against both.
    expect(countFound(catalogueOf(twins, asked(twins), { duplicates })).alike).toEqual({ title: 3, everything: 0 });
  });

  test('count among the products that training draws from, and among all where nothing is for training', () => {
    const some = twins.filter(({ id }) => id === 'a' || id === 'd');
    expect(countFound(catalogueOf(twins, asked(some))).alike).toEqual({ title: 0, everything: 0 });
    expect(countFound(catalogueOf(twins, asked(twins, 'test'))).alike).toEqual({ title: 3, everything: 4 });
  });
});

describe('foundLines', () => {
  const found = {
    root: '/data/shop',
    products: { all: 10, image: 5, title: 10, category: 0, attributes: 7 },
    images: { found: 5, missing: 4, unreadable: 1, example: { name: 'photos/1.jpg', file: 'shop.csv', line: 3 } },
    pairs: { train: { text: 8, image: 0, product: 2 }, test: { text: 0, image: 2, product: 0 } },
    pairsLeftOut: 3,
    training: { products: 8, image: 4 },
    alike: { title: 12, everything: 2 },
  };

  test('four lines where something is missing and something alike', () => {
    expect(foundLines(found)).toEqual([
      'products: 10; 5 with image, 10 with title, 0 with category, 7 with attributes',
      'images: 5 found, 4 missing in /data/shop, 1 unreadable (e.g. "photos/1.jpg", shop.csv:3)',
      'queries: train 8 text, 2 product; test 2 image; 3 left out with their image',
      "alike: 12 products share a title with another, 2 equal another in every field; training takes them for each other's negatives",
    ]);
  });

  test('two where there are no images, no queries and nothing alike', () => {
    const images = { found: 0, missing: 0, unreadable: 0 };
    expect(
      foundLines({ ...found, images, pairs: {}, pairsLeftOut: 0, alike: { title: 0, everything: 0 } }).slice(1),
    ).toEqual(['queries: none']);
  });
});
