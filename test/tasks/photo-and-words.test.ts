import { describe, expect, test } from 'vitest';
import type { Query } from '../../src/data/types.js';
import { tasksOf } from '../../src/datasets/tasks.js';
import { chanceOf } from '../../src/tasks/kinds/chance.js';
import type { Task } from '../../src/tasks/task.js';
import { shortShop } from '../train/run/short-run.js';

const shop = shortShop();
const made = (...names: string[]) => tasksOf({ catalogue: shop, split: 'val' }, names);
const asked = ({ asks }: Task) => asks.map(({ input }) => (input as { query: Query }).query);
const pairs = shop.pairs.filter(({ query, split }) => split === 'val' && query.image && query.text);

describe('swapping a part of queries of photo and words', () => {
  test('takes that part from a query of another product, and leaves the other', () => {
    for (const task of made('swap')) {
      const part = task.name === 'swap.image' ? 'image' : 'text';
      const kept = part === 'image' ? 'text' : 'image';
      expect(task.asks.map(({ id }) => id)).toEqual(pairs.map(({ query }) => query.id));
      for (const [at, query] of asked(task).entries()) {
        const { query: changed } = task.items[at].input as { query: Query };
        expect(task.asks[at].gold).toEqual([task.items[at].id]);
        expect(changed[kept]).toBe(query[kept]);
        const from = pairs.filter((pair) => pair.query[part] === changed[part]).map(({ product }) => product);
        expect(from.length).toBeGreaterThan(0);
        expect(from).not.toContain(task.asks[at].product);
      }
      expect(chanceOf(task)).toEqual({ change: 0 });
    }
  });

  test('needs two products', () => {
    const one = shop.products[0].id;
    const alone = { ...shop, pairs: pairs.slice(0, 2).map((pair) => ({ ...pair, product: one })) };
    expect(() => tasksOf({ catalogue: alone, split: 'val' }, ['swap'])).toThrow('tasks: got "swap"');
  });
});

test('short texts are words of the query in their order, and the same every time', () => {
  const [full, half, fifth] = made('short-text').map(asked);
  expect(full.map(({ text }) => text)).toEqual(pairs.map(({ query }) => query.text!.split(/\s+/).join(' ')));
  for (const [at, { text = '' }] of full.entries()) {
    const words = text.split(' ');
    for (const [short, fraction] of [
      [half[at], 0.5],
      [fifth[at], 0.2],
    ] as const) {
      const kept = short.text!.split(' ');
      expect(kept.length).toBe(Math.max(1, Math.round(words.length * fraction)));
      let place = -1;
      for (const word of kept) {
        place = words.indexOf(word, place + 1);
        expect(place).toBeGreaterThanOrEqual(0);
      }
      expect(short.image).toBe(full[at].image);
    }
  }
  expect(made('short-text.20').map(asked)[0]).toEqual(fifth);
});
