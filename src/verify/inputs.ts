import { join } from 'node:path';
import type { PublishedConfig } from '../backbones/published-config.js';
import { processImage } from '../backbones/qwen25vl/image-patches.js';
import { loadImageProcessor } from '../backbones/qwen25vl/image-processor.js';
import { loadTileProcessor, tileImage } from '../backbones/smolvlm/image-processor.js';
import type { Raster } from '../data/types.js';
import { checkVocabulary } from '../generate/prompt.js';
import { loadTokenizer } from '../text/tokenizer.js';
import { type Check, compare } from './comparison.js';
import type { ExpectedFile } from './expected-file.js';

/** Absolute tolerances: versions of the image library can round resized pixels differently. */
const PIXELS = { max: 0.06, mean: 0.004 };

/** Compare the folder's tokenizer with the reference on its texts and prompts. */
export function checkTokenizer(dir: string, config: PublishedConfig, expected: ExpectedFile): Check[] {
  const tokenizer = loadTokenizer(dir);
  checkVocabulary(tokenizer, config, join(dir, 'tokenizer.json'));
  const ours = expected.texts.flatMap(({ text }) => tokenizer.encode(text));
  const theirs = expected.texts.flatMap(({ ids }) => ids);
  const prompts = Object.entries(expected.prompts).map(([name, text]) =>
    compare(`${name}.input_ids`, tokenizer.encode(text), expected.numbers(`${name}.input_ids`), 0),
  );
  return [compare('tokenizer', ours, theirs, 0), ...prompts];
}

/** Compare the folder's image processor with the reference on its raw images. */
export function checkProcessor(dir: string, config: PublishedConfig, expected: ExpectedFile): Check[] {
  if (!expected.has('image_0')) return [];
  return config.family === 'idefics3' ? checkTiles(dir, expected) : checkPatches(dir, expected);
}

/** Images of the reference by number. */
function* rawImages(expected: ExpectedFile): Generator<Raster> {
  for (let i = 0; expected.has(`image_${i}`); i++) {
    const [height, width] = expected.shape(`image_${i}`);
    yield { width, height, data: expected.numbers(`image_${i}`) as Uint8Array };
  }
}

/** Tiles of Idefics3: `{prompt}.pixel_values` [tiles, 3, side, side]. */
function checkTiles(dir: string, expected: ExpectedFile): Check[] {
  const processor = loadTileProcessor(dir);
  const tiled = [...rawImages(expected)].map((image) => tileImage(image, processor).tiles);
  return Object.entries(expected.imagesOf).flatMap(([name, images]) => {
    if (!expected.has(`${name}.pixel_values`)) return [];
    const ours = images.flatMap((image) => tiled[image].map(({ pixels, side }) => channelsFirst(pixels, side)));
    const joined = new Float32Array(ours.reduce((sum, { length }) => sum + length, 0));
    ours.forEach((pixels, at) => void joined.set(pixels, at * pixels.length));
    return pixelChecks(`${name}.pixel_values`, joined, expected);
  });
}

function channelsFirst(pixels: Float32Array, side: number): Float32Array {
  const plane = side * side;
  return Float32Array.from(pixels, (_, at) => pixels[(at % plane) * 3 + Math.floor(at / plane)]);
}

function pixelChecks(name: string, ours: Float32Array, expected: ExpectedFile): Check[] {
  const row = compare(name, ours, expected.numbers(name), 0);
  return [
    { ...row, tolerance: PIXELS.max, ok: row.max <= PIXELS.max },
    { ...row, name: `${name} (mean)`, tolerance: PIXELS.mean, ok: row.mean <= PIXELS.mean },
  ];
}

/** Patches of Qwen: `pixel_values` [patches, width] of all images. */
function checkPatches(dir: string, expected: ExpectedFile): Check[] {
  const processor = loadImageProcessor(dir);
  const images = [...rawImages(expected)].map((image) => processImage(image, processor));
  const pixels = new Float32Array(images.reduce((sum, { patches }) => sum + patches.length, 0));
  let at = 0;
  for (const { patches } of images) {
    pixels.set(patches, at);
    at += patches.length;
  }
  const grids = images.flatMap(({ grid }) => [grid.t, grid.h, grid.w]);
  return [
    compare('image_grid_thw', grids, expected.numbers('image_grid_thw'), 0),
    ...pixelChecks('pixel_values', pixels, expected),
  ];
}
