import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isVision } from '../../src/backbones/layers/vision-names.js';
import { withSettings } from '../../src/config/check-config.js';
import type { MoonConfig } from '../../src/config/config.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { sequenceOptions } from '../../src/encoder/encoder.js';
import { prepare } from '../../src/encoder/prepare.js';
import { startNetwork } from '../../src/encoder/start-network.js';
import { retrieval } from '../../src/evaluate/retrieval.js';
import { productSequence, querySequence } from '../../src/moon/sequence.js';
import { trainRun } from '../../src/train/run/train-run.js';
import { shopOptions, shortConfig } from '../train/run/short-run.js';

const shop = generateShop(shopOptions);
const [image] = shop.products[0].images;
const pictures = [
  ...shop.products.flatMap(({ images }) => images),
  ...shop.pairs.flatMap(({ query }) => query.image ?? []),
];
const changes = {
  vision: { kind: 'none' },
  region: { kind: 'none' },
  sampler: { mix: { image: 0, text: 1, product: 0 } },
  captioning: { kind: 'none' },
};
const config: MoonConfig = withSettings(shortConfig, changes);

test('a network without pictures has no tower, and its sequences have words alone', async () => {
  for (const from of [undefined, 'qwen', 'llama']) {
    const network = from ? { from: join('test', 'fixtures', `${from}-folder`) } : config.network;
    const { encoder, pixels, found } = await prepare({ ...config, network, experts: { kind: 'none' } }, shop);
    expect(encoder.layout.names.filter(isVision)).toEqual([]);
    expect(found.images).toMatchObject({ found: 0, unreadable: new Set(pictures.map(({ id }) => id)).size });
    expect([...pixels.missing.values()][0]).toBe("the network reads texts alone (vision.kind: 'none')");
    const read = sequenceOptions(encoder, pixels);
    const { segments } = productSequence(shop.products[0], read);
    expect(segments.map(({ aspect }) => aspect)).not.toContain('image');
    expect(segments.map(({ aspect }) => aspect)).not.toContain('crop');
    expect(() => querySequence({ id: 'photo', image }, read)).toThrow(
      "photo: is an image, and this network reads texts alone (vision.kind: 'none').",
    );
    encoder.parameters.dispose();
  }
});

test('it trains on a catalogue with pictures, and finds products by words', async () => {
  const run = join(mkdtempSync(join(tmpdir(), 'moon-words-')), 'run');
  const { encoder, pixels, records } = await trainRun(run, config, shop, { every: 8 });
  expect(records.every(({ loss, size }) => Number.isFinite(loss) && size.pictures === 0)).toBe(true);
  const { n, items } = await retrieval(encoder, shop, pixels, { split: 'val', form: 'text' });
  expect([n, items]).toEqual([shopOptions.evaluationQueries, shop.products.length]);
  encoder.parameters.dispose();
});

test('settings that ask for pictures are refused', () => {
  const wrong = (more: object) => () => startNetwork(withSettings(config, more), shop);
  expect(wrong({ sampler: { mix: { image: 1 } } })).toThrow("With vision.kind 'none' a network reads texts alone.");
  expect(wrong({ region: { kind: 'saliency' } })).toThrow('region.kind: got "saliency", expected \'none\'.');
});
