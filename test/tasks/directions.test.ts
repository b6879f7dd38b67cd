import { expect, test } from 'vitest';
import type { Catalogue, Product } from '../../src/data/types.js';
import { tasksOf } from '../../src/datasets/tasks.js';
import { directionTasks } from '../../src/tasks/directions.js';
import { shortShop } from '../train/run/short-run.js';

const image = (id: string) => ({ id, source: { kind: 'file' as const, path: id } });
const product = (id: string, more: Partial<Product>): Product => ({
  id,
  title: '',
  category: [],
  attributes: {},
  images: [],
  ...more,
});

/** The second product has no picture, the third no text, the fourth nothing. */
const catalogue: Catalogue = {
  adapter: 'table',
  root: '',
  products: [
    product('both', { title: 'apple', images: [image('a.jpg')] }),
    product('words', { title: 'pear' }),
    product('picture', { images: [image('c.jpg')] }),
    product('nothing', {}),
  ],
  pairs: [
    { query: { id: 't1', text: 'green' }, product: 'both', split: 'val' },
    { query: { id: 't2', text: 'long' }, product: 'words', split: 'val' },
    { query: { id: 'i1', image: image('q.jpg') }, product: 'picture', split: 'val' },
    { query: { id: 'i1', image: image('q.jpg') }, product: 'both', split: 'val' },
    { query: { id: 'b1', text: 'red', image: image('r.jpg') }, product: 'nothing', split: 'val' },
    { query: { id: 'late', text: 'blue' }, product: 'both', split: 'test' },
  ],
  issues: [],
};

test('each direction asks the queries of its form against the products that show its side', () => {
  const tasks = directionTasks({ catalogue, split: 'val', isWanted: () => true });
  const said = tasks.map(({ name, asks, items, leftOut }) => ({
    name,
    asks: asks.map(({ id, gold }) => [id, ...gold]),
    items: items.map(({ id }) => id),
    leftOut,
  }));
  const gone = { 'the product shows nothing': 1 };
  expect(said).toEqual([
    {
      name: 'directions.t-mm',
      asks: [
        ['t1', 'both'],
        ['t2', 'words'],
      ],
      items: ['both', 'words', 'picture'],
      leftOut: undefined,
    },
    {
      name: 'directions.i-mm',
      asks: [['i1', 'picture', 'both']],
      items: ['both', 'words', 'picture'],
      leftOut: undefined,
    },
    { name: 'directions.t-i', asks: [['t1', 'both']], items: ['both', 'picture'], leftOut: gone },
    { name: 'directions.i-t', asks: [['i1', 'both']], items: ['both', 'words'], leftOut: undefined },
  ]);
  const [across] = tasks.filter(({ name }) => name === 'directions.t-i');
  expect(across.items[0].input).toMatchObject({ withhold: ['title', 'category', 'attributes'] });
});

test('they are made where they are asked for, and all of them can be', () => {
  const shop = shortShop();
  expect(tasksOf({ catalogue: shop, split: 'val' }).some(({ name }) => name.startsWith('directions'))).toBe(false);
  expect(tasksOf({ catalogue: shop, split: 'val' }, ['directions']).map(({ name }) => name)).toHaveLength(5);
  expect(() => tasksOf({ catalogue: shop, split: 'val' }, ['direction'])).toThrow('directions.t-mm');
});

test('where the queries are the titles themselves, no gallery shows them', () => {
  const pairs = catalogue.products
    .slice(0, 2)
    .map(({ id, title }) => ({ query: { id, text: title }, product: id, split: 'val' as const }));
  const [whole, pictures] = directionTasks({ catalogue: { ...catalogue, pairs }, split: 'val', isWanted: () => true });
  expect(whole.items.map(({ id, input }) => [id, 'withhold' in input && input.withhold])).toEqual([
    ['both', ['title']],
    ['picture', ['title']],
  ]);
  expect(whole.gallery).toBe('image + crop, category, attributes');
  expect(whole.leftOut).toEqual({ 'the product shows nothing': 1 });
  expect(pictures.name).toBe('directions.t-i');
});
