import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Raster } from '../../src/data/types.js';
import { NO_AUGMENTATION } from '../../src/pictures/augment.js';
import { augmentPictures } from '../../src/pictures/stored-pictures.js';
import { greyWorld } from '../../src/pictures/white-balance.js';

const raster = (data: number[]): Raster => ({ width: data.length / 3, height: 1, data: Uint8Array.from(data) });
const meansOf = (pixels: ArrayLike<number>) =>
  [0, 1, 2].map((channel) => {
    const own = Array.from(pixels).filter((_, at) => at % 3 === channel);
    return own.reduce((sum, value) => sum + value, 0) / own.length;
  });

const pictures = fc
  .array(fc.integer({ min: 20, max: 120 }), { minLength: 12, maxLength: 30 })
  .filter(({ length }) => length % 3 === 0);

test('at full strength the mean of a picture is grey, and as bright as before', () => {
  fc.assert(
    fc.property(pictures, (data) => {
      const picture = raster(data);
      const variation = { ...NO_AUGMENTATION, gain: greyWorld(picture, 1) };
      // A larger gain can reach white, where pixels are cut off.
      fc.pre(Math.max(...variation.gain) < 2);
      // As many samples as the picture has pixels, in each of as many rows.
      const means = meansOf(augmentPictures([picture], [variation], picture.width));
      const before = meansOf(data).reduce((sum, value) => sum + value, 0) / 3 / 255;
      for (const mean of means) expect(mean).toBeCloseTo(before, 5);
    }),
  );
});

test('no strength changes nothing, and two halves make a whole', () => {
  fc.assert(
    fc.property(pictures, (data) => {
      const picture = raster(data);
      expect(greyWorld(picture, 0)).toEqual([1, 1, 1]);
      const [half, full] = [greyWorld(picture, 0.5), greyWorld(picture, 1)];
      half.forEach((gain, channel) => {
        expect(gain * gain).toBeCloseTo(full[channel], 10);
      });
    }),
  );
});

test('a black picture stays as it is, and a channel without light is not blown up', () => {
  expect(greyWorld(raster([0, 0, 0, 0, 0, 0]), 1)).toEqual([1, 1, 1]);
  const [, green] = greyWorld(raster([100, 0, 100, 100, 0, 100]), 1);
  expect(green).toBeLessThan(20);
});
