import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applySplit, readSplit, splitIds, writeSplit } from '../../src/data/splits.js';
import type { Catalogue, Pair, Product, ProductImage, Split } from '../../src/data/types.js';
import { dataFolder } from './data-folder.js';

const image = (id: string, group?: string): ProductImage => ({ id, source: { kind: 'file', path: id }, group });

/** Products that each have a main image and photos; every photo is a query, photos of a burst share a group. */
function catalogueOf(products: number, photos: number, burst: number): Catalogue {
  const all: Product[] = [];
  const pairs: Pair[] = [];
  for (let index = 0; index < products; index++) {
    const id = `p${index}`;
    const own = Array.from({ length: photos }, (_, at) => image(`${id}/${at}`, `${id}#${Math.floor(at / burst)}`));
    all.push({ id, title: id, category: [], attributes: {}, images: [image(`${id}/main`), ...own] });
    for (const photo of own) pairs.push({ query: { id: photo.id, image: photo }, product: id, split: 'train' });
  }
  return { adapter: 'test', root: '', products: all, pairs, issues: [] };
}

const shares = { train: 0.7, dev: 0.1, test: 0.2 };

describe('splitIds', () => {
  test('by product: every product once, shares kept, near-duplicates on one side', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 20, max: 60 }), (seed, count) => {
        const together = [
          ['p0', 'p7'],
          ['p7', 'p3', 'not there'],
        ];
        const { ids } = splitIds(catalogueOf(count, 1, 1), { by: 'product', seed, fractions: shares, together });
        const all = Object.values(ids).flat();
        expect([...all].sort()).toEqual(
          catalogueOf(count, 1, 1)
            .products.map(({ id }) => id)
            .sort(),
        );
        for (const [split, fraction] of Object.entries(shares)) {
          expect(Math.abs((ids[split as Split]?.length ?? 0) - fraction * count)).toBeLessThanOrEqual(3);
        }
        const sideOf = (id: string) => Object.entries(ids).find(([, list]) => list.includes(id))?.[0];
        expect(new Set(['p0', 'p3', 'p7'].map(sideOf)).size).toBe(1);
      }),
      { numRuns: 50 },
    );
  });

  test('by query: a burst is never divided', () => {
    const catalogue = catalogueOf(10, 12, 3);
    const { ids } = splitIds(catalogue, { by: 'query', seed: 1, fractions: shares });
    const groupOf = new Map(catalogue.pairs.map(({ query }) => [query.id, query.image?.group]));
    const groups = Object.values(ids).map((list) => new Set(list.map((id) => groupOf.get(id))));
    expect(groups.reduce((sum, set) => sum + set.size, 0)).toBe(40);
    expect(Object.values(ids).flat().length).toBe(120);
  });

  test('the order of the data does not matter, the seed does', () => {
    const catalogue = catalogueOf(30, 2, 1);
    const turned = { ...catalogue, products: [...catalogue.products].reverse(), pairs: [...catalogue.pairs].reverse() };
    for (const by of ['product', 'query'] as const) {
      const split = splitIds(catalogue, { by, seed: 3, fractions: shares });
      expect(splitIds(turned, { by, seed: 3, fractions: shares })).toEqual(split);
      expect(splitIds(catalogue, { by, seed: 4, fractions: shares }).ids).not.toEqual(split.ids);
    }
  });

  test('wrong fractions', () => {
    const split = (fractions: object) => () => splitIds(catalogueOf(3, 1, 1), { by: 'product', seed: 0, fractions });
    expect(split({ train: 0.5, test: 0.4 })).toThrow(
      /split.fractions: got {"train":0.5,"test":0.4}, expected fractions/,
    );
    expect(split({ train: 1.5, test: -0.5 })).toThrow(/expected fractions/);
    expect(split({ train: 0.5, tset: 0.5 })).toThrow(/expected one of train \| dev \| val \| test/);
  });
});

describe('applySplit', () => {
  test('a test product is never seen in training, and no product shows a held-out query', () => {
    const catalogue = catalogueOf(20, 6, 2);
    for (const by of ['product', 'query'] as const) {
      const { products, pairs } = applySplit(catalogue, splitIds(catalogue, { by, seed: 5, fractions: shares }));
      const inSplit = (split: Split) => pairs.filter((pair) => pair.split === split);
      expect(inSplit('test').length).toBeGreaterThan(0);
      const shown = new Set(products.flatMap(({ images }) => images.map(({ id }) => id)));
      expect(inSplit('test').filter(({ query }) => shown.has(query.id))).toEqual([]);
      expect(inSplit('train').filter(({ query }) => !shown.has(query.id))).toEqual([]);
      expect(products.every(({ id, images }) => images[0].id === `${id}/main`)).toBe(true);
      if (by === 'product') {
        const encoder = new Set(inSplit('train').map(({ product }) => product));
        expect(inSplit('test').filter(({ product }) => encoder.has(product))).toEqual([]);
      }
    }
  });

  test('a split of other data is refused', () => {
    const stored = splitIds(catalogueOf(3, 1, 1), { by: 'product', seed: 0, fractions: { train: 1 } });
    expect(() => applySplit(catalogueOf(4, 1, 1), stored)).toThrow(/product "p3" is not in the split/);
  });
});

test('a split is stored as ids and read again', async () => {
  const folder = dataFolder({});
  const split = splitIds(catalogueOf(5, 2, 1), { by: 'query', seed: 2, fractions: { train: 0.6, val: 0.4 } });
  await writeSplit(join(folder, 'split.json'), split);
  expect(await readSplit(join(folder, 'split.json'))).toEqual(split);
  for (const text of ['', '[]', '{"by":"product"}', '{"by":"product","ids":{"train":3}}']) {
    writeFileSync(join(folder, 'bad.json'), text);
    await expect(readSplit(join(folder, 'bad.json'))).rejects.toThrow(/expected a file that writeSplit wrote/);
  }
  await expect(readSplit(join(folder, 'no.json'))).rejects.toThrow(/expected a file that writeSplit wrote/);
});
