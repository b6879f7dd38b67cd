import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resizeImage } from '../../../src/backbones/layers/resize.js';
import { normaliseImage, processImage, smartResize } from '../../../src/backbones/qwen25vl/image-patches.js';
import {
  loadImageProcessor,
  parseImageProcessor,
  publishedImageProcessor,
  saveImageProcessor,
} from '../../../src/backbones/qwen25vl/image-processor.js';
import { readHeader, readTensor } from '../../../src/store/safetensors.js';
import { folders } from './reference.js';

/** Made in Python with Pillow and the published image processor. */
const reference: {
  resize: { width: number; height: number; data: string; to: [number, number]; resized: string }[];
  smartResize: [number, number, number, number, number, number, number][];
  whole: {
    config: Record<string, unknown>;
    width: number;
    height: number;
    data: string;
    grid: [number, number, number];
    pixelValues: string;
  };
} = JSON.parse(readFileSync(new URL('../../fixtures/image-processor.json', import.meta.url), 'utf8'));

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

describe('resizeImage', () => {
  it.each(reference.resize)('gives the bytes of Pillow for $width x $height -> $to', (item) => {
    const image = { width: item.width, height: item.height, data: bytes(item.data) };
    const [width, height] = item.to;
    expect(resizeImage(image, width, height)).toEqual({ width, height, data: bytes(item.resized) });
  });
});

describe('smartResize', () => {
  it('gives the sizes of the published function', () => {
    for (const [factor, minPixels, maxPixels, width, height, ...to] of reference.smartResize) {
      const processor = parseImageProcessor({ patch_size: factor / 2, min_pixels: minPixels, max_pixels: maxPixels });
      const got = smartResize(width, height, processor);
      expect([width, height, got.width, got.height]).toEqual([width, height, ...to]);
    }
  });

  it('refuses an image that is a line', () => {
    expect(() => smartResize(201, 1, parseImageProcessor({}))).toThrow(/image size: got "201 x 1", expected no side/);
  });
});

describe('parseImageProcessor', () => {
  // What Qwen2VLImageProcessor of transformers 5.24 takes, and with which limits.
  it.each([
    [{}, 3136, 1003520],
    [{ min_pixels: 784, max_pixels: 3136 }, 784, 3136],
    [{ size: { shortest_edge: 784, longest_edge: 3136 } }, 784, 3136],
    [{ min_pixels: 784, max_pixels: 3136, size: { shortest_edge: 1, longest_edge: 2 } }, 784, 3136],
    [{ min_pixels: 784, max_pixels: 3136, size: { min_pixels: 784, max_pixels: 9999 } }, 784, 3136],
    [{ max_pixels: 3136, size: { shortest_edge: 784 } }, 784, 3136],
    [{ min_pixels: 784 }, 784, 1003520],
    [{ max_pixels: 3136 }, 3136, 3136],
    [{ min_pixels: null, size: null }, 3136, 1003520],
  ])('reads the pixel limits of %o', (json, minPixels, maxPixels) => {
    expect(parseImageProcessor(json)).toMatchObject({ minPixels, maxPixels });
  });

  // transformers refuses all of these too, when it meets the first picture.
  it.each([
    { min_pixels: 784, max_pixels: 3136 },
    { shortest_edge: 784 },
    { longest_edge: 3136 },
    { height: 56, width: 56 },
    { max_height: 56, max_width: 56 },
    { shortest_edge: 784, longest_edge: 3136, depth: 3 },
    { shortest_edge: 784, longest_edge: 3136, max_pixels: 3136 },
    {},
    448,
    [56, 56],
  ])('refuses the size %o', (size) => {
    expect(() => parseImageProcessor({ size }, 'p.json')).toThrow(/^p\.json: size: got .*, expected shortest_edge and/);
  });

  it('refuses a height and width beside pixel limits', () => {
    const json = { min_pixels: 784, max_pixels: 3136, size: { height: 56, width: 56 } };
    expect(() => parseImageProcessor(json)).toThrow(/size: got {"height":56,"width":56}/);
  });

  it('takes a mean of 0', () => {
    expect(parseImageProcessor({ image_mean: [0, 0, 0], image_std: [1, 1, 1] }).mean).toEqual([0, 0, 0]);
  });

  it('prefers the file of a whole processor, as transformers 5 writes it', () => {
    const dir = mkdtempSync(join(tmpdir(), 'processor-'));
    const write = (name: string, json: object) => writeFileSync(join(dir, name), JSON.stringify(json));
    write('processor_config.json', { processor_class: 'Qwen2_5_VLProcessor' });
    write('preprocessor_config.json', { patch_size: 16 });
    expect(loadImageProcessor(dir).patchSize).toBe(16);
    write('processor_config.json', { image_processor: { patch_size: 8 } });
    expect(loadImageProcessor(dir).patchSize).toBe(8);
    write('processor_config.json', { image_processor: { patch_size: 8, do_normalize: null } });
    expect(() => loadImageProcessor(dir)).toThrow(/processor_config\.json: image_processor: do_normalize: got null/);
    rmSync(dir, { recursive: true });
  });

  it('names the file, the setting and the value that it cannot follow', () => {
    const refused = (json: Record<string, unknown>) => () => parseImageProcessor(json, 'p.json');
    expect(refused({ resample: 2 })).toThrow('p.json: resample: got 2, expected 3 (bicubic).');
    expect(refused({ do_resize: false })).toThrow('p.json: do_resize: got false, expected true.');
    expect(refused({ patch_size: '14' })).toThrow('p.json: patch_size: got "14", expected an integer above 0.');
    expect(refused({ image_std: [1, 1] })).toThrow(/p\.json: image_std: got \[1,1\]/);
    expect(refused({ image_processor_type: 'CLIPImageProcessor' })).toThrow(
      `p.json: image_processor_type: got "CLIPImageProcessor", expected 'Qwen2VLImageProcessor'. Take the file of the same model.`,
    );
    for (const type of ['Qwen2VLImageProcessorFast', 'Qwen2_5_VLImageProcessor', undefined])
      expect(parseImageProcessor({ image_processor_type: type })).toEqual(parseImageProcessor({}));
    expect(refused({ min_pixels: 10, max_pixels: 5 })).toThrow(/min_pixels: got 10, expected at most max_pixels, 5/);
  });

  it('writes what it reads', () => {
    const dir = mkdtempSync(join(tmpdir(), 'processor-'));
    const processor = { ...publishedImageProcessor, patchSize: 8, minPixels: 256, maxPixels: 25600 };
    saveImageProcessor(processor, dir);
    expect(loadImageProcessor(dir)).toEqual(processor);
    rmSync(dir, { recursive: true });
  });

  it('names a file that is missing or broken', () => {
    const dir = mkdtempSync(join(tmpdir(), 'processor-'));
    expect(() => loadImageProcessor(dir)).toThrow(/preprocessor_config\.json: no such file/);
    writeFileSync(join(dir, 'preprocessor_config.json'), '{');
    expect(() => loadImageProcessor(dir)).toThrow(/preprocessor_config\.json: not JSON/);
    rmSync(dir, { recursive: true });
  });
});

describe('processImage', () => {
  it('gives the pixel_values of the published image processor, in its order', () => {
    const { config, width, height, data, grid, pixelValues } = reference.whole;
    const got = processImage({ width, height, data: bytes(data) }, parseImageProcessor(config));
    expect([got.grid.t, got.grid.h, got.grid.w]).toEqual(grid);
    expect(got.patches).toEqual(new Float32Array(bytes(pixelValues).buffer));
    const { pixels } = normaliseImage({ width, height, data: bytes(data) }, parseImageProcessor(config));
    expect(pixels.slice(0, 3)).toEqual(new Float32Array([0, 8, 16].map((at) => got.patches[at])));
  });

  it('refuses pixels that are no RGB', () => {
    const image = { width: 2, height: 2, data: new Uint8Array(16) };
    expect(() => processImage(image, parseImageProcessor({}))).toThrow(
      /image\.data\.length: got 16, expected 2 x 2 x 3/,
    );
  });
});

describe('the published folder', { tags: ['data'] }, () => {
  it('gives its pixel_values from its raw images, exactly', () => {
    const expected = readHeader(join(folders.shared, 'expected.safetensors'));
    const processor = loadImageProcessor(folders.shared);
    const reference = readTensor(expected, 'pixel_values');
    let at = 0;
    let largest = 0;
    for (const i of [0, 1, 2]) {
      const [height, width] = expected.tensors.get(`image_${i}`)!.shape;
      const data = readTensor(expected, `image_${i}`) as Uint8Array;
      for (const value of processImage({ width, height, data }, processor).patches) {
        largest = Math.max(largest, Math.abs(value - reference[at++]));
      }
    }
    expect([at, largest]).toEqual([reference.length, 0]);
  });
});
