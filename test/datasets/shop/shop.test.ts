import { describe, expect, it } from 'vitest';
import { type Pair, queryForm } from '../../../src/data/types.js';
import { attainableRecall, visibleDuplicates } from '../../../src/datasets/shop/attainable.js';
import {
  colours,
  type FactName,
  factKey,
  factNames,
  patterns,
  shopAttributes,
} from '../../../src/datasets/shop/facts.js';
import type { ShopOptions } from '../../../src/datasets/shop/settings.js';
import { generateShop } from '../../../src/datasets/shop/shop.js';
import type { Shop } from '../../../src/datasets/shop/shop-type.js';

const small: ShopOptions = { products: 800, trainQueries: 1700, evaluationQueries: 150, views: 2, imageSize: 32 };
const shop = generateShop(small);

function pixels(of: Shop, product: number): Uint8Array {
  const { source } = of.products[product].images[1];
  return source.kind === 'drawn' ? source.draw().data : new Uint8Array();
}

describe('generateShop', () => {
  it('gives the asked number of products, each with a path of three, six attributes and its views', () => {
    expect(shop.products).toHaveLength(800);
    expect([shop.adapter, shop.root]).toEqual(['shop', '']);
    for (const product of shop.products) {
      expect(product.category).toHaveLength(3);
      expect(Object.keys(product.attributes)).toEqual([...shopAttributes]);
      expect(product.images).toHaveLength(2);
    }
    const images = [...shop.products.flatMap((p) => p.images), ...shop.pairs.flatMap((p) => p.query.image ?? [])];
    expect(new Set(images.map((image) => image.id)).size).toBe(images.length);
    expect(new Set(shop.pairs.map((pair) => pair.query.id)).size).toBe(shop.pairs.length);
  });

  it('is the same for the same seed, text and pixels, and another for another', () => {
    const again = generateShop(small);
    const other = generateShop({ ...small, seed: 1 });
    expect(again.pairs.map((pair) => [pair.query.text, pair.product])).toEqual(
      shop.pairs.map((pair) => [pair.query.text, pair.product]),
    );
    expect(pixels(again, 5)).toEqual(pixels(shop, 5));
    expect(pixels(other, 5)).not.toEqual(pixels(shop, 5));
    expect(pixels(shop, 5)).toHaveLength(32 * 32 * 3);
  });

  it('keeps products, titles and boxes when only the dials of the images are turned', () => {
    const plain = generateShop({ ...small, clutter: 0, background: 0, watermark: 0, imageSize: 64 });
    expect(plain.products.map((p) => p.title)).toEqual(shop.products.map((p) => p.title));
    plain.products.forEach((product, i) => {
      const [box, other] = [product.images[0].box!, shop.products[i].images[0].box!];
      for (const side of ['x1', 'y1', 'x2', 'y2'] as const) expect(box[side]).toBeCloseTo(other[side], 9);
    });
  });

  it('copies products with one attribute changed as often as nearIdentical says', () => {
    const nearest = (nearIdentical: number) => {
      const facts = [
        ...generateShop({ products: 600, trainQueries: 0, evaluationQueries: 0, nearIdentical }).facts.values(),
      ];
      const alike = facts.filter((one) =>
        facts.some((two) => two !== one && factNames.filter((name) => one[name] !== two[name]).length <= 1),
      );
      return alike.length / facts.length;
    };
    expect(nearest(0)).toBeLessThan(0.15);
    expect(nearest(0.9)).toBeGreaterThan(0.8);
  });

  it('names all attributes in the attribute-heavy share of text and product queries', () => {
    const heavy = (fraction: number) => {
      const told = [...generateShop({ ...small, attributeHeavy: fraction }).told.values()];
      return told.filter((names) => shopAttributes.every((name) => names.includes(name))).length / told.length;
    };
    expect(heavy(0)).toBe(0);
    expect(heavy(1)).toBe(1);
    expect(Math.abs(heavy(0.3) - 0.3)).toBeLessThan(0.06);
  });
});

describe('the purchase log', () => {
  it('has the mix in training and equal forms elsewhere', () => {
    const count = (split: string, form: string) =>
      shop.pairs.filter((pair) => pair.split === split && queryForm(pair.query) === form).length;
    expect(['image', 'text', 'product'].map((form) => count('train', form))).toEqual([1200, 300, 200]);
    for (const split of ['dev', 'val', 'test']) {
      for (const form of ['image', 'text', 'product']) expect(count(split, form)).toBe(150);
    }
  });

  it('asks for every product of a split before it asks for one again', () => {
    const asked = new Map<string, number>();
    for (const { product, split } of shop.pairs) if (split === 'val') asked.set(product, (asked.get(product) ?? 0) + 1);
    const counts = [...asked.values()];
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });
});

describe('the split', () => {
  const splitsOf = (pairs: Pair[], of: (id: string) => string) => {
    const splits = new Map<string, Set<string>>();
    for (const { product, split } of pairs) {
      splits.set(of(product), (splits.get(of(product)) ?? new Set()).add(split));
    }
    return [...splits.values()];
  };

  it('never shares a product, nor products that look the same', () => {
    expect(splitsOf(shop.pairs, (id) => id).every((splits) => splits.size === 1)).toBe(true);
    const near = generateShop({ ...small, nearIdentical: 0.95, trainQueries: 5000 });
    expect(splitsOf(near.pairs, (id) => factKey(near.facts.get(id)!)).every((splits) => splits.size === 1)).toBe(true);
  });

  it('keeps combinations of colour and pattern for the test split, but every colour and every pattern in training', () => {
    for (const test of [0, 0.15, 0.32, 0.5]) {
      const one = generateShop({ ...small, products: 3000, split: { train: 0.9 - test, dev: 0.05, val: 0.05, test } });
      const unseen = new Set(one.unseen.map(([colour, pattern]) => `${colour} ${pattern}`));
      expect(unseen.size).toBe(Math.round(test * 96));
      const seen = { colour: new Set<string>(), pattern: new Set<string>() };
      for (const [id, { colour, pattern }] of one.facts) {
        expect(one.splits.get(id) === 'test').toBe(unseen.has(`${colour} ${pattern}`));
        if (one.splits.get(id) !== 'train') continue;
        seen.colour.add(colour);
        seen.pattern.add(pattern);
      }
      for (const colour of colours) expect(one.unseen.filter(([c]) => c === colour).length).toBeLessThanOrEqual(4);
      for (const pattern of patterns) expect(one.unseen.filter(([, p]) => p === pattern).length).toBeLessThanOrEqual(6);
      expect([seen.colour.size, seen.pattern.size]).toEqual([colours.length, patterns.length]);
    }
  });

  it('has the asked shares', () => {
    const splits = [...generateShop({ products: 5000, trainQueries: 0, evaluationQueries: 0 }).splits.values()];
    const fraction = (split: string) => splits.filter((of) => of === split).length / 5000;
    expect(fraction('train')).toBeCloseTo(0.6, 1);
    expect(fraction('val')).toBeCloseTo(0.2, 1);
    expect(Math.abs(fraction('test') - 0.15)).toBeLessThan(0.03);
    expect(fraction('val') / fraction('train')).toBeCloseTo(1 / 3, 2);
  });
});

describe('the attainable maximum', () => {
  const crowded = generateShop({ ...small, nearIdentical: 0.9 });

  it('is what counting the fitting products one by one gives', () => {
    for (const k of [1, 5]) {
      const gallery = crowded.products.slice(0, 500);
      const pairs = crowded.pairs.slice(0, 400);
      const slow = pairs.map(({ query, product }) => {
        if (!gallery.some((one) => one.id === product)) return 0;
        const shown: readonly FactName[] = query.image ? factNames : crowded.told.get(query.id)!;
        const wanted = crowded.facts.get(product)!;
        const fitting = gallery.filter(({ id }) =>
          shown.every((name) => crowded.facts.get(id)![name] === wanted[name]),
        );
        return Math.min(1, k / fitting.length);
      });
      const mean = slow.reduce((sum, one) => sum + one) / slow.length;
      expect(attainableRecall(crowded, pairs, k, gallery)).toBeCloseTo(mean, 12);
    }
  });

  it('is 1 for photos exactly when no two products look the same', () => {
    const photos = (of: Shop) => of.pairs.filter((pair) => pair.query.image);
    expect(visibleDuplicates(crowded).length).toBeGreaterThan(0);
    expect(attainableRecall(crowded, photos(crowded))).toBeLessThan(1);
    const few = generateShop({ ...small, products: 40, nearIdentical: 0 });
    expect(visibleDuplicates(few)).toEqual([]);
    expect(attainableRecall(few, photos(few))).toBe(1);
  });

  it('finds the duplicates that comparing all products finds', () => {
    const keys = [...crowded.facts].map(([id, facts]): [string, string] => [id, factKey(facts)]);
    const alike = keys
      .filter(([id, key]) => keys.some(([other, same]) => other !== id && same === key))
      .map(([id]) => id);
    expect(visibleDuplicates(crowded).flat().sort()).toEqual(alike);
  });
});

describe('options', () => {
  const wrong: [ShopOptions, string][] = [
    [{ products: 0 }, 'shop.products: got 0, expected an integer from 1 to 1000000.'],
    [{ imageSize: 20.5 }, 'shop.imageSize: got 20.5'],
    [{ clutter: 1.5 }, 'shop.clutter: got 1.5, expected a number from 0 to 1.'],
    [{ leftOut: Number.NaN }, 'shop.leftOut'],
    [{ seed: 0.5 }, 'shop.seed: got 0.5, expected an integer.'],
    [{ mix: { image: 0, text: 0, product: 0 } }, 'shop.mix'],
    [{ split: { train: 0.5, dev: 0.1, val: 0.1, test: 0.1 } }, 'shop.split: got'],
    [{ split: { train: 0.1, dev: 0.1, val: 0.1, test: 0.7 } }, 'shop.split.test: got 0.7, expected at most 0.5.'],
    [{ withhold: ['flavour' as FactName] }, 'shop.withhold: got "flavour"'],
    [{ cluter: 0 } as ShopOptions, 'shop: got "cluter"'],
  ];
  it.each(wrong)('refuses %j', (options, message) => {
    expect(() => generateShop(options)).toThrow(message);
  });
});
