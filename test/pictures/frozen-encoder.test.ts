import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { randomStream } from '../../src/engine/random.js';
import { openFrozenEncoder } from '../../src/pictures/frozen/frozen-encoder.js';
import { frozenFeatures } from '../../src/pictures/frozen/frozen-features.js';
import { readPreprocessing } from '../../src/pictures/frozen/preprocessing.js';
import { sharedData } from '../needs.js';
import { writeEncoder } from './onnx-file.js';

const folder = mkdtempSync(join(tmpdir(), 'moon-encoder-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SIDE = 8;
const GRID = 2;
/** An encoder with settings beside it, or none. */
function encoderFolder(name: string, settings?: object): string {
  const own = join(folder, name);
  mkdirSync(own);
  writeEncoder(join(own, 'model.onnx'), SIDE, GRID);
  if (settings) writeFileSync(join(own, 'preprocessor_config.json'), JSON.stringify(settings));
  return own;
}

const plain = encoderFolder('plain', { size: { height: SIDE, width: SIDE }, do_normalize: false });
const shifted = encoderFolder('shifted', { size: SIDE, image_mean: [0.5, 0.25, 0], image_std: [0.5, 1, 2] });

/** The mean of a channel over a cell of one image [SIDE, SIDE, 3]. */
function cellMean(pixels: Float32Array, cell: number, channel: number): number {
  const width = SIDE / GRID;
  const [top, left] = [Math.floor(cell / GRID) * width, (cell % GRID) * width];
  let sum = 0;
  for (let y = top; y < top + width; y++)
    for (let x = left; x < left + width; x++) sum += pixels[(y * SIDE + x) * 3 + channel];
  return sum / width ** 2;
}

test('features are those of the network, image by image, with the normalisation that stands beside it', async () => {
  const { uniform } = randomStream(1, 'pixels');
  const images = [0, 1].map(() => Float32Array.from({ length: SIDE * SIDE * 3 }, uniform));
  const pixels = Float32Array.from([...images[0], ...images[1]]);
  for (const [model, mean, std] of [
    [plain, [0, 0, 0], [1, 1, 1]],
    [shifted, [0.5, 0.25, 0], [0.5, 1, 2]],
  ] as const) {
    const encoder = await openFrozenEncoder(model);
    expect([encoder.side, encoder.grid, encoder.width]).toEqual([SIDE, GRID, 3]);
    const features = await encoder.encode(pixels, 2);
    encoder.dispose();
    features.forEach((value, at) => {
      const [image, cell, channel] = [Math.floor(at / 12), Math.floor(at / 3) % 4, at % 3];
      expect(value).toBeCloseTo((cellMean(images[image], cell, channel) - mean[channel]) / std[channel], 5);
    });
  }
});

test('a class token is left out', async () => {
  const { uniform } = randomStream(1, 'pixels');
  const pixels = Float32Array.from({ length: 2 * SIDE * SIDE * 3 }, uniform);
  const file = join(folder, 'class.onnx');
  const both = [];
  for (const classToken of [true, false]) {
    writeEncoder(file, SIDE, GRID, { classToken });
    const encoder = await openFrozenEncoder(file);
    expect(encoder.grid).toBe(GRID);
    both.push(await encoder.encode(pixels, 2));
    encoder.dispose();
  }
  expect(both[0]).toEqual(both[1]);
});

test('another normalisation is another identity, the same files are the same one; a file alone has the values of ImageNet', async () => {
  const identities = [];
  for (const model of [plain, join(plain, 'model.onnx'), shifted]) {
    const encoder = await openFrozenEncoder(model);
    identities.push(encoder.identity);
    encoder.dispose();
  }
  expect(identities[0]).toBe(identities[1]);
  expect(identities[0]).not.toBe(identities[2]);
  expect(readPreprocessing(folder)).toEqual({ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] });
});

test('says what is wrong with files', async () => {
  await expect(openFrozenEncoder(join(folder, 'nowhere'))).rejects.toThrow(
    /nowhere: no such file; give an image encoder/,
  );
  const text = join(folder, 'text.onnx');
  writeFileSync(text, 'no network');
  await expect(openFrozenEncoder(text)).rejects.toThrow(/text.onnx: cannot be read as ONNX/);
  await expect(openFrozenEncoder('test/fixtures/regions/brightest.onnx')).rejects.toThrow(
    /\[1,3,32,32\].*dynamic batch size/,
  );
  await expect(openFrozenEncoder(encoderFolder('odd', { size: 'large' }))).rejects.toThrow(/size: got "large"/);
  await expect(openFrozenEncoder(encoderFolder('grey', { image_mean: 0.5 }))).rejects.toThrow(/image_mean: got 0.5/);
  const broken = encoderFolder('broken');
  writeFileSync(join(broken, 'preprocessor_config.json'), '{');
  await expect(openFrozenEncoder(broken)).rejects.toThrow(/preprocessor_config.json: not JSON/);
});

test('levels are scaled as transformers does: mean and std count rescaled levels', () => {
  const normalised = (settings: object, level: number) => {
    const { mean, std } = readPreprocessing(encoderFolder(`levels-${levels++}`, settings));
    return (level / 255 - mean[1]) / std[1];
  };
  let levels = 0;
  const [image_mean, image_std] = [
    [0.2, 0.5, 0.1],
    [1, 0.25, 1],
  ];
  const wide = { rescale_factor: 1 / 127.5 };
  expect(normalised({ ...wide, do_normalize: false }, 51)).toBeCloseTo(51 / 127.5, 9);
  expect(normalised({ ...wide, image_mean, image_std }, 51)).toBeCloseTo((51 / 127.5 - 0.5) / 0.25, 9);
  expect(normalised({ do_rescale: false, image_mean, image_std }, 51)).toBeCloseTo((51 - 0.5) / 0.25, 6);
  expect(normalised({ do_rescale: false, do_normalize: false }, 51)).toBeCloseTo(51, 9);
});

test.each([
  [{ size: { height: 8, width: 12 } }, /: size: got {"height":8,"width":12}, expected the side of a square/],
  [{ size: { longest_edge: 8 } }, /: size: got {"longest_edge":8}/],
  [{ size: { shortest_edge: 8, longest_edge: 12 } }, /: size: got/],
  [{ size: { min_pixels: 64, max_pixels: 64 } }, /: size: got/],
  [{ size: { max_height: 8, max_width: 8 } }, /: size: got/],
  [{ size: { height: 8, width: 8, depth: 8 } }, /: size: got/],
  [{ size: 12 }, /: size: got 12, expected 8, the side of the input of /],
  [{ size: 8, do_center_crop: true, crop_size: { height: 12, width: 12 } }, /: crop_size: got 12, expected 8/],
  [{ size: 8, do_center_crop: true }, /: crop_size: got undefined/],
  [{ do_resize: false }, /: do_resize: got false, expected true/],
  [{ image_std: [1, 0, 1] }, /: image_std: got \[1,0,1\]/],
  [{ rescale_offset: true }, /: rescale_offset: got true/],
])('refuses %o', async (settings, message) => {
  const own = encoderFolder(`refused-${message.source.length}-${JSON.stringify(settings).length}`, settings);
  await expect(openFrozenEncoder(own)).rejects.toThrow(message);
});

test.each([{ size: 8 }, { size: { height: 8, width: 8 } }, { size: { shortest_edge: 8 } }])(
  'reads the side of %o, also from the file of a whole processor',
  (settings) => {
    const name = `side-${JSON.stringify(settings).length}`;
    const own = encoderFolder(name, settings);
    expect(readPreprocessing(own).side).toBe(8);
    const image_processor = { ...settings, image_mean: [0.1, 0.2, 0.3] };
    writeFileSync(join(own, 'processor_config.json'), JSON.stringify({ image_processor }));
    expect(readPreprocessing(own)).toMatchObject({ side: 8, mean: [0.1, 0.2, 0.3] });
  },
);

test('mean features of an image file have length 1', async () => {
  const rows = await frozenFeatures(plain, ['test/fixtures/images/colours.png']);
  expect(rows.map((row) => row.length)).toEqual([3]);
  expect(Math.hypot(...rows[0])).toBeCloseTo(1, 5);
});

test('opens the real EfficientNet-lite0', { tags: ['data'] }, async () => {
  const encoder = await openFrozenEncoder(join(sharedData, 'models/efficientnet-lite0'));
  expect([encoder.side, encoder.grid, encoder.width]).toEqual([224, 7, 1280]);
  const features = await encoder.encode(new Float32Array(224 * 224 * 3).fill(0.5), 1);
  expect(features.length).toBe(49 * 1280);
  encoder.dispose();
});
