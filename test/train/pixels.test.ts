import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { augmentBatch, DEFAULT_AUGMENT, NO_AUGMENTATION } from '../../src/data/augment.js';
import type { Box, Catalogue } from '../../src/data/types.js';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import { believable } from '../../src/regions/region.js';
import { grocery } from '../../src/train/config.js';
import { preparePixels } from '../../src/train/experiment.js';
import { drawVariation, surroundings } from '../../src/train/picture-variation.js';
import { loadPixels } from '../../src/train/pixels.js';
import { drawn, scene } from '../regions/scenes.js';

const image = drawn(scene([60, 40], [20, 10, 40, 30]), 'photo');
const box: Box = { x1: 1 / 3, y1: 0.25, x2: 2 / 3, y2: 0.75 };
const pictures = [{ image }, { image, crop: box }];
const load = () => loadPixels([{ image }], { size: 16, detect: async () => believable('test', { box, score: 1 }) });

test('without variation the network sees the whole image and exactly the box; nothing leaks', async () => {
  const pixels = await load();
  const { result, leaked } = await countLeaks(
    () => pixels.inputOf(pictures),
    () => 1,
  );
  expect(leaked).toBe(0);
  expect(result.shape).toEqual([2, 16, 16, 3]);
  const values = await result.data();
  const plain = augmentBatch(pictures.map(pixels.rasterOf), [NO_AUGMENTATION, NO_AUGMENTATION], 16);
  plain.forEach((value, at) => {
    expect(values[at]).toBeCloseTo(value, 4);
  });
  // The box is the rectangle of light pixels and nothing else.
  expect(Math.min(...values.subarray(16 * 16 * 3))).toBeGreaterThan(215 / 255);
  expect(() => pixels.inputOf([{ image, crop: { ...box, x1: 0 } }])).toThrow('photo: was not loaded for this run');
});

test('variations come from the stream alone', async () => {
  const pixels = await load();
  const draw = (seed: number) =>
    pixels
      .inputOf(pictures, {
        whole: randomStream(seed, 'whole'),
        crops: randomStream(seed, 'crop'),
        augment: DEFAULT_AUGMENT,
      })
      .dataSync();
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test('the box of a crop moves by at most a tenth of its side at each edge, inside the image', () => {
  for (const crop of [box, { x1: 0, y1: 0.05, x2: 0.6, y2: 1 }]) {
    const around = surroundings(crop);
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
    /^Interrupted while pictures were read/,
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
  const files = readdirSync(join(root, '.moon'), { recursive: true });
  expect(await read()).toEqual(first);
  expect(readdirSync(join(root, '.moon'), { recursive: true })).toEqual(files);
  expect(existsSync(join(root, '.moon', 'features'))).toBe(false);
});
