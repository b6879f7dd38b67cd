import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boxArea, intersectionOverUnion, sharedArea } from '../../src/data/overlap.js';
import { countFallbacks, fullImage, plausibleRegion } from '../../src/data/region.js';
import { massBox } from '../../src/regions/mass-box.js';

test.each([
  ['missing', null],
  ['absurd', { x1: 0.5, y1: 0.5, x2: 0.4, y2: 0.9 }],
  ['absurd', { x1: -0.1, y1: 0, x2: 0.5, y2: 0.5 }],
  ['absurd', { x1: Number.NaN, y1: 0, x2: 1, y2: 1 }],
  ['tiny', { x1: 0, y1: 0, x2: 0.1, y2: 0.1 }],
] as const)('a %s box becomes the whole image, and says so: %o', (fallback, box) => {
  expect(plausibleRegion('test', { box, score: 1 })).toEqual({ box: fullImage, score: 0, source: 'test', fallback });
});

test('fallbacks are counted by reason', () => {
  const box = { x1: 0, y1: 0, x2: 0.5, y2: 0.5 };
  const regions = [null, box, { ...box, x2: 0.01 }, null].map((each) =>
    plausibleRegion('test', { box: each, score: 1 }),
  );
  expect(regions[1]).toEqual({ box, score: 1, source: 'test' });
  expect(countFallbacks(regions)).toEqual({ missing: 2, absurd: 0, tiny: 1 });
});

test('the box of a map lies in the image and holds nearly all of what stands out', () => {
  const maps = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })).chain(([rows, columns]) =>
    fc.record({
      columns: fc.constant(columns),
      map: fc.array(fc.integer({ min: 0, max: 50 }), { minLength: rows * columns, maxLength: rows * columns }),
    }),
  );
  fc.assert(
    fc.property(maps, ({ map, columns }) => {
      const { box, score } = massBox(map, columns);
      const total = map.reduce((sum, value) => sum + value, 0);
      const standing = map.map((value) => (value > (2 * total) / map.length ? value : 0));
      const mass = standing.reduce((sum, value) => sum + value, 0);
      if (!box) return mass === 0 && score === 0;
      const rows = map.length / columns;
      const inside = standing.filter((_, at) => {
        const [x, y] = [((at % columns) + 0.5) / columns, (Math.floor(at / columns) + 0.5) / rows];
        return x > box.x1 && x < box.x2 && y > box.y1 && y < box.y2;
      });
      // At most a hundredth is left out at each of four sides.
      return score === mass / total && inside.reduce((sum, value) => sum + value, 0) >= 0.96 * mass;
    }),
  );
});

test('areas are what counting pixels of a grid gives', () => {
  const edges = fc.tuple(fc.integer({ min: 0, max: 11 }), fc.integer({ min: 1, max: 12 }));
  const boxes = fc.tuple(edges, edges).map(([[x, width], [y, height]]) => ({
    x1: x / 12,
    y1: y / 12,
    x2: Math.min(12, x + width) / 12,
    y2: Math.min(12, y + height) / 12,
  }));
  const cells = Array.from({ length: 144 }, (_, at) => [((at % 12) + 0.5) / 12, (Math.floor(at / 12) + 0.5) / 12]);
  fc.assert(
    fc.property(boxes, boxes, (a, b) => {
      const within = (box: typeof a) => cells.map(([x, y]) => x > box.x1 && x < box.x2 && y > box.y1 && y < box.y2);
      const [inA, inB] = [within(a), within(b)];
      const count = (test: (cell: number) => boolean) => cells.filter((_, cell) => test(cell)).length;
      expect(boxArea(a)).toBeCloseTo(count((cell) => inA[cell]) / 144, 9);
      expect(sharedArea(a, b)).toBeCloseTo(count((cell) => inA[cell] && inB[cell]) / 144, 9);
      const union = count((cell) => inA[cell] || inB[cell]);
      expect(intersectionOverUnion(a, b)).toBeCloseTo(count((cell) => inA[cell] && inB[cell]) / union, 9);
    }),
  );
});
