import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { readConfig } from '../../src/datasets/bases.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { prepare, preparePixels } from '../../src/encoder/prepare.js';
import * as vocabulary from '../../src/encoder/vocabulary.js';
import { startEngine } from '../../src/engine/engine.js';
import { trainSteps } from '../../src/train/loop.js';
import { smallTable } from '../cli/small-table.js';
import { smallOptions } from '../config/small-options.js';
import { dataFolder, picture } from '../data/data-folder.js';
import { writeEncoder } from '../pictures/onnx-file.js';

const config = readConfig({ ...smallOptions, optimizer: { ...smallOptions.optimizer, steps: 3 } });

beforeAll(async () => void (await startEngine()));

test('images that all turn out unreadable are refused before an encoder is opened and a tokenizer trained', async () => {
  const catalogue = await openCatalogue(await smallTable(() => 'broken'));
  const encoder = vi.spyOn(vocabulary, 'trainVocabulary');
  // The encoder is none either: opening it would be another error.
  const file = join(mkdtempSync(join(tmpdir(), 'moon-encoder-')), 'encoder.onnx');
  writeFileSync(file, 'x');
  const vision = { kind: 'onnx', model: file } as const;
  await expect(prepare({ ...config, vision }, catalogue)).rejects.toThrow('none of the 10 images could be read in /');
  expect(encoder).not.toHaveBeenCalled();
  await expect(prepare({ ...config, vision }, await openCatalogue(await smallTable(() => 'picture')))).rejects.toThrow(
    `${file}: cannot be read as ONNX`,
  );
});

test.each([7, 1025, 4096, 1_000_000, 64.5, Number.POSITIVE_INFINITY])(
  'an image size of %d is refused before pictures are read',
  async (imageSize) => {
    const catalogue = await openCatalogue(await smallTable(() => 'picture'));
    for (const call of [prepare, preparePixels])
      await expect(call({ ...config, imageSize }, catalogue)).rejects.toThrow(
        `imageSize: got ${imageSize}, expected an integer from 8 to 1024.`,
      );
  },
);

/** Four products with two images each, of which the first of three is no image. */
async function brokenMains() {
  const rows = Array.from({ length: 4 }, (_, at) => `${at},mug ${at},${at}.jpg|more/${at}.jpg`);
  const files = await Promise.all(
    rows.map(async (_, at) => ({
      [`${at}.jpg`]: at < 3 ? 'not an image' : await picture(at),
      [`more/${at}.jpg`]: await picture(10 + at),
    })),
  );
  return openCatalogue(dataFolder(Object.assign({ 'shop.csv': ['id,title,image', ...rows].join('\n') }, ...files)));
}

test('where a main image cannot be read, the next of its product stands in', async () => {
  const catalogue = await brokenMains();
  const { encoder, pixels, found } = await prepare(config, catalogue);
  expect(found).toMatchObject({ images: { found: 5, unreadable: 3 }, training: { products: 4, image: 4 } });
  const losses: number[] = [];
  for await (const { loss } of trainSteps(encoder, catalogue, pixels)) losses.push(loss);
  expect(losses).toHaveLength(3);
  expect(losses.every(Number.isFinite)).toBe(true);
  encoder.parameters.dispose();
});

test('what stands in has as many augmented views of a frozen encoder as a main image', async () => {
  const catalogue = await brokenMains();
  const model = join(dataFolder({ 'preprocessor_config.json': '{"do_normalize": false}' }), 'colours.onnx');
  writeEncoder(model, 16, 4);
  const vision = { kind: 'onnx', model, width: 3, pool: 2, views: 5 } as const;
  let looks = 0;
  await preparePixels({ ...config, region: { kind: 'none' }, vision }, catalogue, {
    onProgress: (_, total, what) => {
      if (what === 'features') looks = total;
    },
  });
  expect(looks).toBe(4 * 5);
});
