import { expect, test } from 'vitest';
import type { Raster } from '../../src/data/types.js';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { drawAugmentation, type Gain, NO_AUGMENTATION } from '../../src/pictures/augment.js';
import {
  cutPictures,
  mirrorPictures,
  type StoredPictures,
  uploadPictures,
} from '../../src/pictures/stored-pictures.js';
import { augmentSlowly } from './plain-augment.js';

const stream = randomStream(1, 'rasters');
/** Blocks of four pixels, so that half a pixel matters little and a mirrored or shifted picture much. */
const raster = (side: number): Raster => {
  const blocks = Array.from({ length: (side / 4) ** 2 * 3 }, () => stream.integer(256));
  const data = Uint8Array.from({ length: side * side * 3 }, (_, at) => {
    const [y, x, channel] = [Math.floor(at / 3 / side) >> 2, (Math.floor(at / 3) % side) >> 2, at % 3];
    return blocks[(y * (side / 4) + x) * 3 + channel];
  });
  return { width: side, height: side, data };
};

const gain: Gain = [0.8, 1, 1.3];

/** Their pixels; frees them. */
function seen(stored: StoredPictures, size = 32): Float32Array {
  const values = tf.tidy(() => Float32Array.from(cutPictures(stored, size).dataSync()));
  tf.dispose(stored);
  return values;
}

test('gives the pixels of the slow version', async () => {
  const rasters = Array.from({ length: 12 }, () => raster(40));
  const variations = rasters.map((_, at) => (at === 0 ? NO_AUGMENTATION : { ...drawAugmentation(stream), gain }));
  const expected = rasters.flatMap((each, at) => augmentSlowly(each, variations[at], 32));
  const { leaked } = await countLeaks(async () => {
    const values = seen(uploadPictures(rasters, variations, 32));
    let worst = 0;
    let off = 0;
    values.forEach((value, at) => {
      const distance = Math.abs(value - expected[at]);
      worst = Math.max(worst, distance);
      off += Number(distance > 1e-4);
    });
    // Only the outermost samples of a crop that touches an edge of the image are moved a little, and the grid with them.
    expect(off / values.length).toBeLessThan(0.5);
    expect(worst).toBeLessThan(0.35);
    expect(values.reduce((sum, value, at) => sum + Math.abs(value - expected[at]), 0) / values.length).toBeLessThan(
      2e-3,
    );
    for (let at = 0; at < 32 * 32 * 3; at++) expect(Math.abs(values[at] - expected[at])).toBeLessThan(1e-5);
  });
  expect(leaked).toBe(0);
});

test('is filled up with black, and mirrored is what a flip gives', () => {
  const rasters = [raster(40), raster(40)];
  const variations = rasters.map(() => ({ ...drawAugmentation(stream), gain }));
  const plain = seen(uploadPictures(rasters, variations, 32));
  // Leaves memory that holds other pictures.
  tf.dispose(uploadPictures([raster(40), raster(40), raster(40)], Array(3).fill(NO_AUGMENTATION), 32));
  const filled = seen(uploadPictures(rasters, variations, 32, 3));
  expect(filled.subarray(0, plain.length)).toEqual(plain);
  expect(filled.subarray(plain.length)).toEqual(new Float32Array(plain.length / 2));
  const stored = uploadPictures(rasters, variations, 32);
  const mirrored = seen(mirrorPictures(stored));
  stored.images.dispose();
  stored.variations.dispose();
  const flipped = variations.map((each) => ({ ...each, flip: !each.flip }));
  expect(mirrored).toEqual(seen(uploadPictures(rasters, flipped, 32)));
});

test('pictures that are alive at the same time do not share their memory', () => {
  const [first, second] = [[raster(40)], [raster(40)]];
  const one = uploadPictures(first, [NO_AUGMENTATION], 32);
  const other = uploadPictures(second, [NO_AUGMENTATION], 32);
  const expected = [first, second].map((rasters) => seen(uploadPictures(rasters, [NO_AUGMENTATION], 32)));
  expect([one, other].map((each) => seen(each))).toEqual(expected);
});

test('no sample falls off the edge of a picture', () => {
  const white: Raster = { width: 60, height: 60, data: new Uint8Array(60 * 60 * 3).fill(255) };
  const crops = Array.from({ length: 400 }, (_, at) => {
    const [x1, y1] = [stream.uniform() / 2, stream.uniform() / 2];
    return { ...NO_AUGMENTATION, crop: { x1, y1, x2: 1, y2: 1 }, flip: at % 2 > 0 };
  });
  const pixels = seen(uploadPictures(Array(crops.length).fill(white), crops, 48), 48);
  expect(pixels.every((value) => value > 0.999)).toBe(true);
});
