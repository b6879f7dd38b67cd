import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { neighbourCheck, photoFeature, photosToCheck } from '../../src/data/neighbour-check.js';
import type { Catalogue, Pair, Raster, Split } from '../../src/data/types.js';

/** A raster of one grey. */
const grey = (level: number): Raster => ({ width: 4, height: 4, data: new Uint8Array(48).fill(level) });

const photo = (id: string, product: string, split: Split): Pair => ({
  query: { id, image: { id, source: { kind: 'drawn', draw: () => grey(0) } } },
  product,
  split,
});

const catalogueOf = (pairs: Pair[]): Catalogue => ({ adapter: 'test', root: '', products: [], pairs, issues: [] });

describe('photoFeature', () => {
  test('is of length 1, and the dot product of two is the overlap of their histograms', () => {
    const pixels = fc.array(fc.constantFrom(0, 40, 200), { minLength: 48, maxLength: 48 });
    fc.assert(
      fc.property(pixels, pixels, (a, b) => {
        const [first, second] = [a, b].map((data) => ({ width: 4, height: 4, data: Uint8Array.from(data) }));
        const count = ({ data }: Raster, colour: number[]) => {
          let pixels = 0;
          for (let at = 0; at < 48; at += 3)
            pixels += Number(colour.every((value, channel) => data[at + channel] >> 5 === value));
          return pixels / 16;
        };
        let overlap = 0;
        for (const r of [0, 1, 6]) {
          for (const g of [0, 1, 6]) {
            for (const blue of [0, 1, 6])
              overlap += Math.sqrt(count(first, [r, g, blue]) * count(second, [r, g, blue]));
          }
        }
        const [u, v] = [photoFeature(first), photoFeature(second)];
        expect(Math.hypot(...u)).toBeCloseTo(1, 5);
        expect(u.reduce((sum, value, at) => sum + value * v[at], 0)).toBeCloseTo(overlap, 5);
      }),
      { numRuns: 50 },
    );
  });
});

describe('neighbourCheck', () => {
  const pairs = [
    photo('t1', 'dark', 'train'),
    photo('t2', 'light', 'train'),
    photo('d1', 'dark', 'dev'),
    photo('d2', 'light', 'dev'),
    photo('v1', 'dark', 'val'),
    photo('v2', 'dark', 'val'),
  ];
  const levels: Record<string, number> = { t1: 10, t2: 240, d1: 12, d2: 238, v1: 9, v2: 245 };
  const features = new Map(Object.entries(levels).map(([id, level]) => [id, photoFeature(grey(level))]));

  test('counts the photos whose nearest training photo shows their product', () => {
    expect(neighbourCheck(catalogueOf(pairs), features)).toMatchObject({
      photos: { train: 2, dev: 2, val: 2 },
      dev: 100,
      val: 50,
    });
    expect([...photosToCheck(catalogueOf(pairs))]).toEqual(['t1', 't2', 'd1', 'd2', 'v1', 'v2']);
  });

  test('without one of the splits there is nothing to compare', () => {
    const noDev = catalogueOf(pairs.filter(({ split }) => split !== 'dev'));
    expect(neighbourCheck(noDev, features)).toBeUndefined();
    expect(photosToCheck(noDev).size).toBe(0);
  });
});
