import { expect, test } from 'vitest';
import type { ProductImage } from '../../../src/data/types.js';
import { generateShop } from '../../../src/datasets/shop/shop.js';
import { shopOptions } from '../../train/run/short-run.js';

const options = { ...shopOptions, products: 300, trainQueries: 2000 };

const keyOf = ({ source }: ProductImage) => (source.kind === 'drawn' ? source.key : source.path);

test('wrong purchases are of the same leaf and of training alone, marked, and nothing else changes', () => {
  const [right, wrong] = [0, 0.4].map((wrongPurchases) => generateShop({ ...options, wrongPurchases }));
  const leafOf = new Map(right.products.map(({ id, category }) => [id, category.join('/')]));
  const splitOf = right.splits;
  let changed = 0;
  wrong.pairs.forEach((pair, at) => {
    const was = right.pairs[at];
    expect(pair.query.id).toBe(was.query.id);
    expect(pair.query.text).toBe(was.query.text);
    if (pair.query.image) expect(keyOf(pair.query.image)).toBe(keyOf(was.query.image!));
    if (!pair.wrong) expect(pair.product).toBe(was.product);
    if (!pair.wrong) return;
    changed++;
    expect(pair.split).toBe('train');
    expect(pair.product).not.toBe(was.product);
    expect(leafOf.get(pair.product)).toBe(leafOf.get(was.product));
    expect(splitOf.get(pair.product)).toBe('train');
  });
  const trained = right.pairs.filter(({ split }) => split === 'train').length;
  expect(changed / trained).toBeGreaterThan(0.33);
  expect(changed / trained).toBeLessThan(0.45);
  expect(right.pairs.some((pair) => pair.wrong)).toBe(false);
});
