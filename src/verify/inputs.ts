import { join } from 'node:path';
import type { QwenConfig } from '../backbones/qwen25vl/config.js';
import { processImage } from '../backbones/qwen25vl/image-patches.js';
import { loadImageProcessor } from '../backbones/qwen25vl/image-processor.js';
import { checkVocabulary } from '../generate/prompt.js';
import { loadTokenizer } from '../text/tokenizer.js';
import { type Check, compare } from './comparison.js';
import type { ExpectedFile } from './expected-file.js';

/** Absolute tolerances: versions of the image library can round resized pixels differently. */
const PIXELS = { max: 0.06, mean: 0.004 };

/** Compare the folder's tokenizer with the reference on its texts and prompts. */
export function checkTokenizer(dir: string, config: QwenConfig, expected: ExpectedFile): Check[] {
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
export function checkProcessor(dir: string, expected: ExpectedFile): Check[] {
  const processor = loadImageProcessor(dir);
  const images: ReturnType<typeof processImage>[] = [];
  for (let i = 0; expected.has(`image_${i}`); i++) {
    const [height, width] = expected.shape(`image_${i}`);
    images.push(processImage({ width, height, data: expected.numbers(`image_${i}`) as Uint8Array }, processor));
  }
  if (images.length === 0) return [];
  const pixels = new Float32Array(images.reduce((sum, { patches }) => sum + patches.length, 0));
  let at = 0;
  for (const { patches } of images) {
    pixels.set(patches, at);
    at += patches.length;
  }
  const grids = images.flatMap(({ grid }) => [grid.t, grid.h, grid.w]);
  const row = compare('pixel_values', pixels, expected.numbers('pixel_values'), 0);
  return [
    compare('image_grid_thw', grids, expected.numbers('image_grid_thw'), 0),
    { ...row, tolerance: PIXELS.max, ok: row.max <= PIXELS.max },
    { ...row, name: 'pixel_values (mean)', tolerance: PIXELS.mean, ok: row.mean <= PIXELS.mean },
  ];
}
