import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countFallbacks, type Fallback, fallbacks, fullImage, type Region } from '../../src/data/region.js';
import type { Box, ProductImage } from '../../src/data/types.js';
import { pictureNumbers } from '../../src/pictures/picture-numbers.js';
import { regionTable } from '../../src/pictures/region-table.js';
import { pictureKey } from '../../src/pictures/shown-picture.js';

const image = (id: string): ProductImage => ({ id, source: { kind: 'file', path: id } });
const images = fc.constantFrom('a', 'b', 'constructor', '').map(image);
const edge = fc.constantFrom(0.1, 0.1 + 2 ** -56, 0.5);
const box: fc.Arbitrary<Box> = fc.record({ x1: edge, y1: edge, x2: edge, y2: edge });
const picture = fc.record({ image: images, crop: fc.option(box, { nil: undefined }) });

test('pictures have the numbers that a Map of their keys gives, and come back to the bit', () => {
  fc.assert(
    fc.property(fc.array(picture, { maxLength: 60 }), fc.array(picture), (added, others) => {
      const numbers = pictureNumbers();
      const plain = new Map<string, number>();
      for (const each of added) {
        const known = plain.get(pictureKey(each)) ?? plain.size;
        plain.set(pictureKey(each), known);
        expect(numbers.add(each)).toBe(known);
        expect(numbers.at(known)).toEqual(each.crop ? each : { image: each.image });
      }
      expect(numbers.count).toBe(plain.size);
      for (const each of [...added, ...others]) expect(numbers.find(each)).toBe(plain.get(pictureKey(each)));
    }),
  );
});

test('regions are those of a Map by image and title; without the title, that without one', () => {
  const title = fc.constantFrom(undefined, '', 'Granny Smith', 'Gala');
  const region = fc
    .record({ box, fallback: fc.option(fc.constantFrom(...fallbacks), { nil: undefined }) })
    .map(({ box, fallback }): Region => ({ box: fallback ? fullImage : box, score: 1, source: 'test', fallback }));
  fc.assert(
    fc.property(fc.array(fc.tuple(images, title, region), { maxLength: 40 }), (added) => {
      const table = regionTable(pictureNumbers());
      const plain = new Map<string, Region>();
      const key = ({ id }: ProductImage, title?: string) => JSON.stringify([id, title]);
      for (const [image, title, region] of added) {
        table.add(image, title, region);
        plain.set(key(image, title), region);
      }
      expect(table.count).toBe(plain.size);
      expect(table.fallbacks()).toEqual(countFallbacks([...plain.values()]) satisfies Record<Fallback, number>);
      for (const [image] of added)
        for (const title of [undefined, '', 'Granny Smith', 'of none'])
          expect(table.boxOf(image, title)).toEqual((plain.get(key(image, title)) ?? plain.get(key(image)))?.box);
    }),
  );
});
