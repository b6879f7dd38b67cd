import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { plausibleRegion } from '../../src/data/region.js';
import type { Box, Catalogue, Raster } from '../../src/data/types.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { preparePixels } from '../../src/encoder/prepare.js';
import { uploadPictured } from '../../src/encoder/upload.js';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { buildBatch } from '../../src/moon/batch.js';
import type { Segment } from '../../src/moon/sequence.js';
import { NO_AUGMENTATION } from '../../src/pictures/augment.js';
import { DEFAULT_AUGMENT } from '../../src/pictures/augment-option.js';
import { loadPixels, type Pixels } from '../../src/pictures/picture-store.js';
import type { SequenceImage } from '../../src/pictures/shown-picture.js';
import { cutPictures, type StoredPictures } from '../../src/pictures/stored-pictures.js';
import { drawVariation, type Variations, withMargin } from '../../src/pictures/variation.js';
import { drawn, scene } from '../regions/scenes.js';
import { augmentSlowly } from './plain-augment.js';

const image = drawn(scene([60, 40], [20, 10, 40, 30]), 'photo');
const box: Box = { x1: 1 / 3, y1: 0.25, x2: 2 / 3, y2: 0.75 };
const pictures = [{ image }, { image, crop: box }];
const load = () =>
  loadPixels([{ image }], { size: 16, detect: async () => [plausibleRegion('test', { box, score: 1 })] as const });

/** Pixels of 16 x 16, in 0 to 1. */
function seen(pixels: Pixels, shown: readonly SequenceImage[], vary?: Variations): Float32Array {
  return tf.tidy(() => {
    const cut = cutPictures(pixels.inputOf(shown, { vary }) as StoredPictures, 16);
    expect(cut.shape).toEqual([shown.length, 16, 16, 3]);
    return Float32Array.from(cut.dataSync());
  });
}

test('without variation the network sees the whole image and exactly the box; nothing leaks', async () => {
  const pixels = await load();
  const { result: values, leaked } = await countLeaks(() => seen(pixels, pictures));
  expect(leaked).toBe(0);
  const plain = pictures.flatMap((picture) => augmentSlowly(pixels.rasterOf(picture), NO_AUGMENTATION, 16));
  plain.forEach((value, at) => {
    expect(values[at]).toBeCloseTo(value, 4);
  });
  // The box is the rectangle of light pixels and nothing else.
  expect(Math.min(...values.subarray(16 * 16 * 3))).toBeGreaterThan(215 / 255);
  expect(() => pixels.inputOf([{ image, crop: { ...box, x1: 0 } }])).toThrow('photo: was not loaded for this run');
});

/** What a scene looks like where the light has these parts of red, green and blue. */
const inLight = ({ data, ...size }: Raster, light: number[]): Raster => ({
  ...size,
  data: data.map((value, at) => value * light[at % 3]),
});

test('a white balance makes the photo of another light look alike, the crop by the whole image, and leaves the bytes alone', async () => {
  const lit = drawn(inLight(scene([60, 40], [20, 10, 40, 30]), [1, 0.7, 0.5]), 'photo');
  const balanced = async (photo: typeof image, whiteBalance: number) => {
    const detect = async () => [plausibleRegion('test', { box, score: 1 })] as const;
    const pixels = await loadPixels([{ image: photo }], { size: 16, detect, whiteBalance });
    const values = Float64Array.from(seen(pixels, [{ image: photo }, { image: photo, crop: box }]));
    return { values, bytes: pixels.rasterOf({ image: photo }).data };
  };
  const apart = async (whiteBalance: number) => {
    const [plain, other] = [await balanced(image, whiteBalance), await balanced(lit, whiteBalance)];
    // Brightness is not the light's colour: compare shares of the three channels.
    const fraction = (values: Float64Array, at: number) => {
      const first = at - (at % 3);
      return values[at] / (values[first] + values[first + 1] + values[first + 2]);
    };
    const distances = plain.values.map((_, at) => Math.abs(fraction(plain.values, at) - fraction(other.values, at)));
    return { distance: Math.max(...distances), bytes: other.bytes };
  };
  const [none, half, full] = [await apart(0), await apart(0.5), await apart(1)];
  expect(none.distance).toBeGreaterThan(0.1);
  expect(half.distance).toBeGreaterThan(0.05);
  expect(half.distance).toBeLessThan(none.distance * 0.7);
  expect(full.distance).toBeLessThan(0.01);
  expect(full.bytes).toEqual(none.bytes);
});

test('pixels that were prepared for another side are refused, where there is a picture', async () => {
  const pixels = await load();
  const options = {
    vocabulary: 9,
    imageTokenId: 8,
    imageGrid: { rows: 1, columns: 1 },
    positions: 'grid',
    groupTable: {},
  } as const;
  const upload = (imageSize: number, segments: Segment[]) => {
    const batch = buildBatch([{ id: 'photo', segments }], options);
    tf.dispose(uploadPictured(batch, { network: {} as never, imageSize, vision: { kind: 'qwen' } }, pixels));
  };
  const shown: Segment = { aspect: 'image', ids: [8], image: { image } };
  upload(16, [shown]);
  upload(32, [{ aspect: 'title', ids: [1] }]);
  expect(() => upload(32, [shown])).toThrow('got images of 16 px, expected 32');
});

test('variations come from the stream alone', async () => {
  const pixels = await load();
  const draw = (seed: number) =>
    seen(pixels, pictures, {
      whole: randomStream(seed, 'whole'),
      crops: randomStream(seed, 'crop'),
      augment: DEFAULT_AUGMENT,
    });
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test('the box of a crop moves by at most a tenth of its side at each edge, inside the image', () => {
  for (const crop of [box, { x1: 0, y1: 0.05, x2: 0.6, y2: 1 }]) {
    const around = withMargin(crop);
    const [across, down] = [around.x2 - around.x1, around.y2 - around.y1];
    const [width, height] = [crop.x2 - crop.x1, crop.y2 - crop.y1];
    const stream = randomStream(1, 'jitter');
    const moved: number[] = [];
    for (let at = 0; at < 200; at++) {
      const { crop: seen } = drawVariation(crop, { stream, augment: DEFAULT_AUGMENT });
      const [x1, x2] = [seen.x1, seen.x2].map((x) => around.x1 + x * across);
      const [y1, y2] = [seen.y1, seen.y2].map((y) => around.y1 + y * down);
      moved.push((x1 - crop.x1) / width, (x2 - crop.x2) / width, (y1 - crop.y1) / height, (y2 - crop.y2) / height);
      expect(Math.min(x1, y1)).toBeGreaterThanOrEqual(0);
      expect(Math.max(x2, y2)).toBeLessThanOrEqual(1 + 1e-9);
    }
    expect(Math.max(...moved.map(Math.abs))).toBeLessThanOrEqual(0.1 + 1e-9);
    expect([Math.min(...moved), Math.max(...moved)].map(Math.abs).every((each) => each > 0.09)).toBe(true);
  }
});

const root = mkdtempSync(join(tmpdir(), 'moon-pixels-'));
afterAll(() => rmSync(root, { recursive: true }));

test('a second run of a data folder finds its pictures and regions, and is the same; an interrupted one says so', async () => {
  mkdirSync(join(root, 'images'));
  const names = ['colours.png', 'detail.png'];
  for (const name of names) copyFileSync(join('test/fixtures/images', name), join(root, 'images', name));
  const catalogue: Catalogue = {
    adapter: 'table',
    root,
    products: names.map((id) => ({
      id,
      title: id,
      category: [],
      attributes: {},
      images: [{ id, source: { kind: 'file', path: join(root, 'images', id) } }],
    })),
    pairs: [],
    issues: [],
  };
  const stopped = AbortSignal.abort();
  await expect(preparePixels({ ...grocery, imageSize: 16 }, catalogue, { signal: stopped })).rejects.toThrow(
    /^Interrupted while images were read/,
  );
  const read = async () => {
    const pixels = await preparePixels({ ...grocery, imageSize: 16 }, catalogue);
    return catalogue.products.map(({ images: [image] }) => {
      const crop = pixels.boxOf(image);
      return [crop, ...[{ image }, { image, crop }].map((each) => [...pixels.rasterOf(each).data])];
    });
  };
  const first = await read();
  expect(readdirSync(join(root, '.moon'))).toEqual(['pictures', 'regions']);
  // Hashes of files that changed just now are not remembered yet.
  const files = () =>
    readdirSync(join(root, '.moon'), { recursive: true }).filter((name) => !String(name).startsWith('pictures/hashes'));
  const before = files();
  expect(await read()).toEqual(first);
  expect(files()).toEqual(before);
  expect(existsSync(join(root, '.moon', 'features'))).toBe(false);
});
