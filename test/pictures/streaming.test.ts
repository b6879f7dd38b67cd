import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import type { MoonConfig } from '../../src/config/config.js';
import * as imageHashing from '../../src/data/images/image-hash.js';
import { openHashes } from '../../src/data/images/image-hashes.js';
import type { Catalogue } from '../../src/data/types.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { embedSequences } from '../../src/encoder/embed.js';
import { sequenceOptions } from '../../src/encoder/encoder.js';
import { preparePixels } from '../../src/encoder/prepare.js';
import { startNetwork } from '../../src/encoder/start-network.js';
import { productSequence } from '../../src/moon/sequence.js';
import { loadPixels, type Pixels } from '../../src/pictures/picture-store.js';
import { train } from '../../src/train/loop.js';
import type { StepRecord } from '../../src/train/step-record.js';
import { writeEncoder } from './onnx-file.js';

const root = mkdtempSync(join(tmpdir(), 'moon-streaming-'));
afterAll(() => rmSync(root, { recursive: true }));
afterEach(() => void vi.restoreAllMocks());

const model = join(root, 'colours.onnx');
writeEncoder(model, 16, 4);
const shop = generateShop({ products: 20, trainQueries: 60, evaluationQueries: 5, imageSize: 32 });
const towered: MoonConfig = {
  ...grocery,
  network: { size: 'nano', vocabulary: 300, stem: { kind: 'patch' } },
  imageSize: 32,
  vision: { kind: 'qwen', whiteBalance: 0.5 },
  region: { kind: 'saliency' },
  sampler: { ...grocery.sampler, products: 6 },
  optimizer: { ...grocery.optimizer, steps: 3, warmUpSteps: 1 },
};
const frozen: MoonConfig = { ...towered, vision: { kind: 'onnx', model, width: 3, pool: 2, views: 2 } };

/** Losses, trained weights and embeddings. */
async function outcome(config: MoonConfig, pixels: Pixels) {
  const encoder = startNetwork(config, shop);
  const records: StepRecord[] = [];
  await train(encoder, shop, pixels, { onStep: (record) => records.push(record) });
  const read = sequenceOptions(encoder, pixels);
  const sequences = shop.products.map((product) => productSequence(product, read));
  const { vectors } = await embedSequences(encoder, sequences, pixels);
  const weights = encoder.parameters.dataSync().slice();
  encoder.parameters.dispose();
  return { losses: records.map(({ loss }) => loss), weights, vectors, regions: pixels.regions };
}

test.each([
  ['pictures of a tower that is trained', towered],
  ['features of a frozen encoder', frozen],
])(
  '%s from disk train to the weights and give the embeddings that they give from memory, bit for bit',
  async (name, config) => {
    process.env.MOON_CACHE = join(root, name);
    const drawings = join(root, name, 'drawings');
    await preparePixels(config, shop, { drawings });
    const fromDisk = await preparePixels(config, shop, { drawings });
    // Features of generated data have a folder in the cache, unless it cannot be written.
    process.env.MOON_CACHE = '/dev/null/none';
    const inMemory = await preparePixels(config, shop);
    delete process.env.MOON_CACHE;
    expect(await outcome(config, fromDisk)).toEqual(await outcome(config, inMemory));
  },
);

/** A data folder with two photos. */
function photos(name: string): Catalogue {
  const folder = join(root, name);
  mkdirSync(folder);
  const names = ['colours.png', 'detail.png'];
  for (const each of names) {
    copyFileSync(join('test/fixtures/images', each), join(folder, each));
    utimesSync(join(folder, each), 1, 1);
  }
  return {
    adapter: 'table',
    root: folder,
    products: names.map((id) => ({
      id,
      title: id,
      category: [],
      attributes: {},
      images: [{ id, source: { kind: 'file', path: join(folder, id) } }],
    })),
    pairs: [],
    issues: [],
  };
}

test('a store that is cut short while it is read is named in one sentence, and filled again by a next start', async () => {
  const catalogue = photos('cut');
  const config = { ...towered, region: { kind: 'none' } as const };
  const [image] = catalogue.products[0].images;
  const pixels = await preparePixels(config, catalogue);
  const before = [...pixels.rasterOf({ image }).data];
  const folder = join(catalogue.root, '.moon', 'pictures', '40');
  const [file] = readdirSync(folder).map((name) => join(folder, name));
  truncateSync(file, statSync(file).size - 2 * 40 * 40 * 3 + 5);
  expect(() => pixels.inputOf([{ image }])).toThrow(
    `${file}: is damaged or cut short. Delete it and start again: what it held is computed again.`,
  );
  const next = await preparePixels(config, catalogue);
  expect([...next.rasterOf({ image }).data]).toEqual(before);
});

test('many drawn pictures have a folder in the cache; without one they are refused in a sentence', async () => {
  const many = Array.from({ length: 100_000 }, (_, at) => {
    const { images, ...product } = shop.products[0];
    return { ...product, id: `${at}`, images: [{ ...images[0], id: `${at}` }] };
  });
  const large = { ...shop, products: many, pairs: [] };
  process.env.MOON_CACHE = '/dev/null/none';
  await expect(preparePixels({ ...towered, imageSize: 64 }, large)).rejects.toThrow(
    /^The drawn pictures take up to 5\.\d GB, and no folder can be written to keep them\. Set MOON_CACHE/,
  );
  delete process.env.MOON_CACHE;
});

test('the hash of a file is read once; of a changed file anew, and of one that changed just now always', async () => {
  const { root: folder } = photos('hashed');
  const path = join(folder, 'detail.png');
  const source = { kind: 'file', path } as const;
  const read = vi.spyOn(imageHashing, 'imageHash');
  const now = vi.spyOn(Date, 'now');
  const { hashOf } = openHashes(join(folder, 'hashes'));
  const expected = await imageHashing.imageHash(source);
  const times = async () => {
    read.mockClear();
    const hash = await hashOf(source);
    return [hash === expected, read.mock.calls.length];
  };
  expect([await times(), await times()]).toEqual([
    [true, 1],
    [true, 1],
  ]);
  now.mockReturnValue(performance.timeOrigin + performance.now() + 10_000);
  expect([await times(), await times()]).toEqual([
    [true, 1],
    [true, 0],
  ]);
  copyFileSync('test/fixtures/images/colours.png', path);
  expect(await times()).toEqual([false, 1]);
});

test('a title that is not that of a request gives the region without one, from disk as from memory', async () => {
  const [{ images, title }] = shop.products;
  const [image] = images;
  const detect = async (_: unknown, asked?: string) =>
    [{ box: { x1: 0, y1: 0, x2: asked ? 0.5 : 0.75, y2: 1 }, score: 1, source: 'test' }] as const;
  for (const folder of [undefined, join(root, 'titles')]) {
    const pixels = await loadPixels([{ image, title }, { image }], { size: 16, detect, folder });
    expect([title, 'another', undefined].map((each) => pixels.boxOf(image, each)?.x2)).toEqual([0.5, 0.75, 0.75]);
    expect(pixels.regions).toMatchObject({ regions: 2, fallbacks: { missing: 0, absurd: 0, tiny: 0 } });
  }
});
