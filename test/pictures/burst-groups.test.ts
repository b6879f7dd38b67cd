import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../../src/engine/random.js';
import { chooseDev, groupBursts, type LabelledPhoto, nearestPhotoRecall } from '../../src/pictures/burst-groups.js';

/** Unit rows in the plane: their cosine is the cosine of the angle between them. */
const atAngle = (degrees: number) => {
  const radians = (degrees * Math.PI) / 180;
  return Float32Array.of(Math.cos(radians), Math.sin(radians));
};
const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const photosOf = (folders: string[]): LabelledPhoto[] =>
  folders.map((folder, i) => ({ path: `${folder}/${i}.jpg`, product: folder }));

describe('groupBursts', () => {
  test('a chain is one burst although its ends differ; folders are never joined', () => {
    // acos(0.8) is 36.9 degrees: steps of 30 join, a step of 40 does not.
    const photos = photosOf(['a', 'a', 'a', 'a', 'b']);
    const groups = groupBursts(photos, [0, 60, 30, 100, 0].map(atAngle));
    expect(Object.values(groups)).toEqual(['a#1', 'a#1', 'a#1', 'a#2', 'b#1']);
    expect(Object.keys(groups)).toEqual(photos.map(({ path }) => path));
  });

  test('equals the transitive closure of "more similar than 0.8"', () => {
    const photo = fc.record({ folder: fc.constantFrom('a', 'b'), degrees: fc.integer({ min: 0, max: 359 }) });
    fc.assert(
      fc.property(fc.array(photo, { maxLength: 14 }), (items) => {
        const photos = photosOf(items.map(({ folder }) => folder));
        const rows = items.map(({ degrees }) => atAngle(degrees));
        const joined = items.map((a, i) =>
          items.map((b, j) => a.folder === b.folder && cosine(rows[i], rows[j]) > 0.8),
        );
        for (const k of items.keys())
          for (const i of items.keys()) for (const j of items.keys()) joined[i][j] ||= joined[i][k] && joined[k][j];
        const groups = groupBursts(photos, rows);
        for (const i of items.keys())
          for (const j of items.keys())
            expect(i === j || groups[photos[i].path] === groups[photos[j].path]).toBe(i === j || joined[i][j]);
      }),
    );
  });
});

describe('chooseDev', () => {
  const bursts = fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 }), { minLength: 1 });

  test('at most a quarter of each product, at most 15% of all, the same for the same seed', () => {
    fc.assert(
      fc.property(bursts, fc.integer(), (products, seed) => {
        const groups: Record<string, string> = {};
        const train: LabelledPhoto[] = [];
        for (const [p, sizes] of products.entries())
          for (const [g, size] of sizes.entries())
            for (let i = 0; i < size; i++) {
              train.push({ path: `${p}-${g}-${i}`, product: `${p}` });
              groups[`${p}-${g}-${i}`] = `${p}#${g}`;
            }
        const dev = chooseDev(train, groups, randomStream(seed, 'dev'));
        expect(chooseDev(train, groups, randomStream(seed, 'dev'))).toEqual(dev);
        const inDev = train.filter(({ path }) => dev.includes(groups[path]));
        expect(inDev.length).toBeLessThanOrEqual(0.15 * train.length + 0.5);
        for (const p of products.keys()) {
          const count = (photos: LabelledPhoto[]) => photos.filter(({ product }) => product === `${p}`).length;
          expect(count(inDev)).toBeLessThanOrEqual(count(train) / 4);
        }
      }),
    );
  });

  test('single photos: every product of 20 gives, and the share is met', () => {
    const train = Array.from({ length: 400 }, (_, i) => ({ path: `${i}`, product: `${i % 20}` }));
    const groups = Object.fromEntries(train.map(({ path }) => [path, `group ${path}`]));
    const dev = chooseDev(train, groups, randomStream(0, 'dev'));
    expect(dev).toHaveLength(60);
    expect(new Set(dev.map((group) => Number(group.slice(6)) % 20)).size).toBe(20);
  });
});

test('nearestPhotoRecall equals sorting the whole gallery for each query', () => {
  const rows = fc.array(fc.record({ product: fc.constantFrom('a', 'b', 'c'), angle: fc.nat(359) }), { minLength: 1 });
  fc.assert(
    fc.property(rows, rows, (queries, gallery) => {
      const label = (items: typeof queries) => items.map(({ product, angle }) => ({ product, row: atAngle(angle) }));
      const sorted = label(queries).map(({ product, row }) => {
        const order = label(gallery).sort((a, b) => cosine(b.row, row) - cosine(a.row, row));
        return order[0].product === product;
      });
      const expected = sorted.filter(Boolean).length / queries.length;
      expect(nearestPhotoRecall(label(queries), label(gallery))).toBe(expected);
    }),
  );
});
