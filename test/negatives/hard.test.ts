import { describe, expect, test } from 'vitest';
import { productNumbers } from '../../src/data/product-numbers.js';
import { randomStream } from '../../src/engine/random.js';
import { describeHard, drawHard } from '../../src/negatives/hard.js';
import { type HardOption, hardOption } from '../../src/negatives/options.js';
import { sameCategory } from '../../src/negatives/same-category.js';

/** Two apples that are one, a third, a pear alone in its leaf, a milk alone even at the top, and one without a category. */
const products = [
  { id: 'gala', category: ['Fruit', 'Apple'] },
  { id: 'gala again', category: ['Fruit', 'Apple'] },
  { id: 'boskoop', category: ['Fruit', 'Apple'] },
  { id: 'conference', category: ['Fruit', 'Pear'] },
  { id: 'milk', category: ['Dairy', 'Milk'] },
  { id: 'mystery', category: [] },
];
const ids = products.map(({ id }) => id);
const numbers = productNumbers(ids, [['gala', 'gala again']]);

describe('productNumbers', () => {
  test('numbers products in order, duplicates alike, also through a third', () => {
    const chained = productNumbers(
      ['a', 'b', 'c', 'd'],
      [
        ['c', 'a'],
        ['d', 'c', 'not here'],
      ],
    );
    expect([...chained]).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 0],
      ['d', 0],
    ]);
  });
});

describe('sameCategory', () => {
  test('gives what shares the path down to the level', () => {
    const leaf = sameCategory(products, numbers);
    expect(leaf.of.get('gala')).toEqual(['gala', 'gala again', 'boskoop']);
    expect(sameCategory(products, numbers, 1).of.get('conference')).toEqual(ids.slice(0, 4));
    expect(sameCategory(products, numbers, 7).of).toEqual(leaf.of);
  });

  test('a category with a single product falls back a level, and says so', () => {
    const { of, fellBack, without } = sameCategory(products, numbers);
    expect(of.get('conference')).toEqual(ids.slice(0, 4));
    expect(fellBack).toEqual([{ product: 'conference', wanted: ['Fruit', 'Pear'], used: ['Fruit'] }]);
    expect(without).toEqual(['milk', 'mystery']);
    expect(describeHard({ of, fellBack, without })).toBe(
      '1 of 6 products are alone in their category and draw hard negatives from a level above (conference: Fruit instead of Fruit > Pear); 2 have no hard negative (milk, mystery).',
    );
  });

  test('duplicates alone in a category are alone', () => {
    const twins = products.slice(0, 2);
    expect(sameCategory(twins, numbers).without).toEqual(['gala', 'gala again']);
    expect(describeHard(sameCategory(products.slice(1, 3), numbers))).toBe('');
  });
});

describe('drawHard', () => {
  const candidates = sameCategory(products, numbers);

  test('draws evenly among other products, never the product or its duplicate', () => {
    const stream = randomStream(1, 'negatives');
    const counts = new Map<string, number>();
    for (let at = 0; at < 600; at++) {
      const { added, hardOf } = drawHard(['conference'], candidates, numbers, stream);
      expect([...hardOf]).toEqual([1]);
      counts.set(added[0], (counts.get(added[0]) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['boskoop', 'gala', 'gala again']);
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(60);
  });

  test('one that is in the step already is not added again, and what has none gets -1', () => {
    const bought = ['gala', 'boskoop', 'milk', 'gala again'];
    const { added, hardOf } = drawHard(bought, candidates, numbers, randomStream(3, 'negatives'));
    const all = [...bought, ...added];
    expect(hardOf[2]).toBe(-1);
    expect(all[hardOf[0]]).toBe('boskoop');
    expect(all[hardOf[3]]).toBe('boskoop');
    expect(['gala', 'gala again']).toContain(all[hardOf[1]]);
    expect(added).toEqual([]);
    expect(new Set(all).size).toBe(all.length);
  });

  test('is the same for the same stream', () => {
    const draw = (seed: number) =>
      JSON.stringify(
        Array.from({ length: 9 }, () => drawHard(ids, candidates, numbers, randomStream(seed, 'negatives'))),
      );
    expect(draw(1)).toBe(draw(1));
  });
});

test('a wrong option is refused', () => {
  const refused = (option: unknown) => expect(() => hardOption(option as HardOption));
  refused({ kind: 'nearest' }).toThrow('hard.kind: got "nearest", expected one of same-category | mined | none.');
  refused({ kind: 'same-category', level: 0 }).toThrow('hard.level: got 0');
  refused({ kind: 'mined', nearest: 0 }).toThrow('hard.nearest: got 0');
  refused({ kind: 'mined', ceiling: 2 }).toThrow('hard.ceiling: got 2');
  for (const option of [{ kind: 'none' }, { kind: 'mined' }, { kind: 'same-category', level: 2 }])
    refused(option).not.toThrow();
});
