import { describe, expect, it } from 'vitest';
import { parseTileProcessor, tileImage } from '../../../src/backbones/smolvlm/image-processor.js';

const image = { width: 100, height: 60, data: new Uint8Array(100 * 60 * 3).fill(128) };

describe('parseTileProcessor', () => {
  // The number of tiles that Idefics3ImageProcessor of transformers 5.24 cuts of an image of 100 x 60.
  it.each([
    [{}, 13],
    [{ size: { longest_edge: 512 } }, 5],
    [{ size: { longest_edge: 512, shortest_edge: 100 } }, 5],
    [{ max_image_size: { longest_edge: 256 } }, 25],
    [{ do_image_splitting: false }, 1],
    [{ do_image_splitting: null }, 1],
  ])('cuts as many tiles with %o as transformers', (json, count) => {
    expect(tileImage(image, parseTileProcessor(json)).tiles).toHaveLength(count);
  });

  it.each([
    { size: { height: 400, width: 500 } },
    { size: 512 },
    { size: { shortest_edge: 512 } },
    { size: { max_height: 512, max_width: 512 } },
    { size: { min_pixels: 100, max_pixels: 262144 } },
    { size: {} },
    { size: null },
    { size: { longest_edge: 512, depth: 3 } },
    { size: { longest_edge: 512, height: 400, width: 500 } },
    { size: { longest_edge: 512.5 } },
    { size: { longest_edge: 5000 } },
    { max_image_size: 256 },
    { max_image_size: { height: 256, width: 256 } },
    { max_image_size: { longest_edge: 256, height: 300 } },
    { do_resize: false },
    { do_resize: null },
    { do_normalize: false },
    { image_mean: 0.4 },
    { resample: 2 },
    { image_processor_type: 'Qwen2VLImageProcessorFast' },
  ])('refuses %o by its name', (json) => {
    const [key] = Object.keys(json);
    expect(() => parseTileProcessor(json, 'p.json')).toThrow(new RegExp(`^p\\.json: ${key}: got .*, expected `));
  });
});
