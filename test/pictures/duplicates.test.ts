import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { mergeGroups } from '../../src/data/merge-groups.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { findDuplicates } from '../../src/pictures/duplicates.js';
import { type Fingerprint, fingerprint, isSameImage, sameImages } from '../../src/pictures/same-images.js';
import { dataFolder } from '../data/data-folder.js';
import { sharedData } from '../needs.js';

describe('mergeGroups', () => {
  test('the slow version: join two groups that share a member until none do', () => {
    const member = fc.constantFrom(...'abcdefgh');
    fc.assert(
      fc.property(fc.array(fc.array(member, { minLength: 1, maxLength: 3 }), { maxLength: 8 }), (groups) => {
        let slow = groups.map((group) => new Set(group));
        for (let joined = true; joined; ) {
          joined = false;
          for (const a of slow) {
            const b = slow.find((other) => other !== a && [...other].some((each) => a.has(each)));
            if (!b) continue;
            slow = [...slow.filter((each) => each !== a && each !== b), new Set([...a, ...b])];
            joined = true;
            break;
          }
        }
        const plain = (sets: Iterable<string>[]) => sets.map((set) => [...set].sort().join('')).sort();
        expect(plain(mergeGroups(groups))).toEqual(plain(slow));
      }),
    );
  });
});

describe('sameImages', () => {
  test('comparing every picture with every other gives the same groups', () => {
    const near = fc.tuple(
      fc.constantFrom(0n, 0xf0f0f0f0f0f0f0f0n, 0x123456789abcdef0n),
      fc.array(fc.nat(63), { maxLength: 8 }),
    );
    const picture = fc.tuple(near, fc.constantFrom(0, 8, 16)).map(([[base, flips], colour]): Fingerprint => {
      const hash = flips.reduce<bigint>((bits, at) => bits ^ (1n << BigInt(at)), base);
      return { hash, colours: new Uint8Array(192).fill(colour) };
    });
    fc.assert(
      fc.property(fc.array(picture, { maxLength: 12 }), (pictures) => {
        const pairs = pictures.flatMap((a, i) =>
          pictures.flatMap((b, j) => (j < i && isSameImage(a, b) ? [[`${i}`, `${j}`]] : [])),
        );
        const slow = mergeGroups(pairs).map((group) => group.sort((a, b) => Number(a) - Number(b)));
        const fast = sameImages(new Map(pictures.map((each, index) => [`${index}`, each])));
        expect(fast.map(String).sort()).toEqual(slow.map(String).sort());
      }),
    );
  });

  test('fingerprint: mean colours of an 8 x 8 grid', () => {
    const data = Uint8Array.from({ length: 32 * 16 * 3 }, (_, at) => (at * 7) % 256);
    const { colours } = fingerprint({ width: 32, height: 16, data });
    const cell = (row: number, column: number, channel: number) => {
      let sum = 0;
      for (let y = 2 * row; y < 2 * row + 2; y++) {
        for (let x = 4 * column; x < 4 * column + 4; x++) sum += data[(y * 32 + x) * 3 + channel];
      }
      return Math.round(sum / 8);
    };
    expect(colours[0]).toBe(cell(0, 0, 0));
    expect(colours[(5 * 8 + 3) * 3 + 2]).toBe(cell(5, 3, 2));
    expect(colours.length).toBe(192);
  });
});

const photos = 'data/grocery/iconic-images-and-descriptions/Vegetables';

describe('findDuplicates', () => {
  test('equal titles and copied pictures', async () => {
    const original = await sharp(`${photos}/Zucchini/Zucchini_Iconic.jpg`).toBuffer();
    const copy = await sharp(original).resize(80, 80, { fit: 'fill' }).jpeg({ quality: 70 }).toBuffer();
    const folder = dataFolder({
      'x.csv': 'id,title\n1,Red Mug\n2,"red  mug!"\n3,Ｒｅｄ ｍｕｇ\n4,Blue mug\n5,Plate\n6,!\n7,!\n',
      'images/4.jpg': original,
      'images/5.jpg': copy,
      'images/6.jpg': await sharp(`${photos}/Cucumber/Cucumber_Iconic.jpg`).toBuffer(),
    });
    expect(await findDuplicates(await openCatalogue(folder))).toEqual([
      { by: 'title', products: ['1', '2', '3'] },
      { by: 'image', products: ['4', '5'] },
    ]);
  });

  test('plain shots of different products are not taken for one', { tags: ['data'] }, async () => {
    const catalogue = await openCatalogue(join(sharedData, 'fashion-product-images'));
    const groups = await findDuplicates({ ...catalogue, products: catalogue.products.slice(0, 2000) });
    const images = groups.filter(({ by }) => by === 'image');
    const kinds = new Map(catalogue.products.map(({ id, category }) => [id, category[2]]));
    expect(Math.max(...images.map(({ products }) => products.length))).toBeLessThan(5);
    for (const { products } of images) expect(new Set(products.map((id) => kinds.get(id))).size).toBe(1);
  });
});
