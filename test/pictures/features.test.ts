import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { MoonConfig } from '../../src/config/config.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { embedSequences } from '../../src/encoder/embed.js';
import { sequenceOptions } from '../../src/encoder/encoder.js';
import { loadEncoderFolder, saveEncoder } from '../../src/encoder/model-folder.js';
import { preparePixels } from '../../src/encoder/prepare.js';
import { startNetwork } from '../../src/encoder/start-network.js';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { productSequence } from '../../src/moon/sequence.js';
import { DEFAULT_AUGMENT } from '../../src/pictures/augment-option.js';
import { type FeatureOptions, loadFeatures } from '../../src/pictures/frozen/features.js';
import { pictureNumbers } from '../../src/pictures/picture-numbers.js';
import { train } from '../../src/train/loop.js';
import type { StepRecord } from '../../src/train/step-record.js';
import { drawn, scene } from '../regions/scenes.js';
import { writeEncoder } from './onnx-file.js';

const folder = mkdtempSync(join(tmpdir(), 'moon-features-'));
afterAll(() => rmSync(folder, { recursive: true }));
const model = join(folder, 'colours.onnx');
writeEncoder(model, 16, 4);
writeFileSync(join(folder, 'preprocessor_config.json'), JSON.stringify({ do_normalize: false }));

/** An image that is light on the left and black on the right, and one that is light in a corner of a sixteenth. */
const half = drawn(scene([16, 16], [0, 0, 8, 16], { noise: 1, ground: 0 }), 'half');
const corner = drawn(scene([16, 16], [0, 0, 4, 4], { noise: 1, ground: 0 }), 'corner');
const box = { x1: 0, y1: 0, x2: 0.5, y2: 1 };
const pictures = [{ image: half }, { image: half, crop: box }, { image: corner }];
const base: FeatureOptions = {
  vision: { kind: 'onnx', model, width: 3, pool: 2, views: 3 },
  augment: DEFAULT_AUGMENT,
  varied: new Set(['half']),
};

async function load(options: Partial<FeatureOptions> = {}) {
  let found: number | undefined;
  let views = 0;
  const features = await loadFeatures(pictureNumbers(pictures), {
    ...base,
    ...options,
    onProgress: (done, total) => {
      found ??= done;
      views = total;
    },
  });
  return { features, views, found };
}

function read(tensor: tf.Tensor): number[][] {
  const rows = tf.tidy(() => tf.reshape(tensor, [tensor.shape[0], -1]).arraySync() as number[][]);
  tensor.dispose();
  return rows;
}

test("features are the encoder's, averaged to fewer tokens, with a mean square of 1", async () => {
  const { features, views } = await load();
  expect(views).toBe(3 + 3 + 1);
  const [left, crop, small] = read(features.inputOf(pictures));
  const colours = (...cells: number[]) => cells.flatMap((cell) => [cell, cell, cell]);
  const near = (expected: number[]) => expected.map((each) => expect.closeTo(each, 2));
  expect(left).toEqual(near(colours(Math.SQRT2, 0, Math.SQRT2, 0)));
  expect(crop).toEqual(near(colours(1, 1, 1, 1)));
  expect(small).toEqual(near(colours(2, 0, 0, 0)));
});

test('in training a picture is one of its views, without a stream always the plain one, and nothing leaks', async () => {
  const { features } = await load();
  const { leaked } = await countLeaks(
    () => {
      const stream = randomStream(1, 'views');
      const seen = new Set(
        Array.from({ length: 40 }, () =>
          JSON.stringify(read(features.inputOf([pictures[0]], { vary: { whole: stream, crops: stream } }))),
        ),
      );
      expect(seen.size).toBe(3);
      const plain = JSON.stringify(read(features.inputOf([pictures[0]])));
      expect(seen.has(plain)).toBe(true);
      const fixed = new Set(
        Array.from({ length: 10 }, () =>
          JSON.stringify(read(features.inputOf([pictures[2]], { vary: { whole: stream, crops: stream } }))),
        ),
      );
      expect(fixed.size).toBe(1);
      expect(features.inputOf([]).shape).toEqual([0, 4, 3]);
    },
    () => 1,
  );
  expect(leaked).toBe(0);
});

test('a second time they come from disk, bit for bit; other settings and averages are made anew', async () => {
  const kept = join(folder, 'kept');
  const first = await load({ folder: kept });
  const second = await load({ folder: kept });
  expect([first.found, second.found]).toEqual([0, second.views]);
  const stream = () => randomStream(3, 'views');
  const vary = () => ({ whole: stream(), crops: stream() });
  expect(read(second.features.inputOf(pictures, { vary: vary() }))).toEqual(
    read(first.features.inputOf(pictures, { vary: vary() })),
  );
  const found = async (options: Partial<FeatureOptions>) => (await load({ folder: kept, ...options })).found;
  expect(await found({ vision: { ...base.vision, views: 2 } })).toBe(2 + 2 + 1);
  expect(await found({ augment: { ...DEFAULT_AUGMENT, flip: 0, brightness: 0.1 } })).toBe(1 + 1 + 1);
  expect(await found({ vision: { ...base.vision, pool: 4 } })).toBe(0);
  expect(readdirSync(kept).length).toBe(2);
});

test('an abort between two batches keeps what was made', async () => {
  const kept = join(folder, 'aborted');
  const controller = new AbortController();
  const many = Array.from({ length: 40 }, (_, at) => ({
    image: drawn(scene([16, 16], [0, 0, 8, 8], { seed: at }), `${at}`),
  }));
  const options = { ...base, varied: new Set<string>(), folder: kept };
  const stop = (done: number) => done >= 16 && controller.abort();
  await expect(
    loadFeatures(pictureNumbers(many), { ...options, signal: controller.signal, onProgress: stop }),
  ).rejects.toThrow(/abort/i);
  let found: number | undefined;
  await loadFeatures(pictureNumbers(many), { ...options, onProgress: (done) => (found ??= done) });
  expect(found).toBe(16);
});

test('an option that does not fit the encoder names what would', async () => {
  const wrong = (vision: Partial<FeatureOptions['vision']>) => load({ vision: { ...base.vision, ...vision } });
  await expect(wrong({ width: 1280 })).rejects.toThrow(/vision.width: got 1280, expected 3/);
  await expect(wrong({ pool: 5 })).rejects.toThrow(/vision.pool: got 5, expected at most 4/);
  await expect(wrong({ pool: 0.5 })).rejects.toThrow(/vision.pool: got 0.5, expected an integer/);
  await expect(wrong({ views: 0 })).rejects.toThrow(/vision.views: got 0/);
});

const shop = generateShop({ products: 20, trainQueries: 60, evaluationQueries: 5, imageSize: 32 });
const config: MoonConfig = {
  ...grocery,
  network: { size: 'nano', vocabulary: 300, stem: { kind: 'patch' } },
  imageSize: 32,
  vision: { kind: 'onnx', model, width: 3, pool: 2, views: 2 },
  sampler: { ...grocery.sampler, products: 6 },
  optimizer: { ...grocery.optimizer, steps: 3, warmUpSteps: 1 },
  captioning: { kind: 'captions', fraction: 0.34 },
};

test('a network learns from features alone: it has a projector and no tower, and embeds by them', async () => {
  process.env.MOON_CACHE = join(folder, 'cache');
  const pixels = await preparePixels(config, shop);
  const { result, leaked } = await countLeaks(async () => {
    const encoder = startNetwork(config, shop);
    const { names, shapes } = encoder.layout;
    expect(names.filter((name) => name.startsWith('vis'))).toEqual([
      'vision.projector.bias',
      'vision.projector.weight',
    ]);
    expect(shapes[names.indexOf('vision.projector.weight')]).toEqual([encoder.model.network.text.width, 3]);
    const before = encoder.parameters.dataSync().slice();
    const records: StepRecord[] = [];
    await train(encoder, shop, pixels, { onStep: (record) => records.push(record) });
    const after = encoder.parameters.dataSync();
    const start = names
      .slice(0, names.indexOf('vision.projector.weight'))
      .reduce((sum, _, at) => sum + encoder.layout.sizes[at], 0);
    expect(after[start]).not.toBe(before[start]);
    expect(records.map(({ stage }) => stage)).toEqual(['captions', 'contrastive', 'contrastive']);
    const read = sequenceOptions(encoder, pixels);
    const sequences = shop.products
      .slice(0, 3)
      .map((product) => productSequence(product, { ...read, withhold: ['title', 'category', 'attributes'] }));
    const { vectors, width } = await embedSequences(encoder, sequences, pixels);
    saveEncoder(join(folder, 'model'), encoder);
    const opened = loadEncoderFolder(join(folder, 'model'));
    expect((await embedSequences(opened, sequences, pixels)).vectors).toEqual(vectors);
    tf.dispose([encoder.parameters, opened.parameters]);
    return [vectors.slice(0, width), vectors.slice(width, 2 * width)];
  });
  expect(result[0]).not.toEqual(result[1]);
  expect(leaked).toBe(0);
});

test('an image that is gone when features are made is named, and the rest have theirs', async () => {
  const gone = { id: 'gone', source: { kind: 'file' as const, path: join(folder, 'gone.jpg') } };
  for (const kept of [undefined, join(folder, 'kept without')]) {
    const { missing, inputOf } = await loadFeatures(pictureNumbers([{ image: gone }, ...pictures]), {
      ...base,
      folder: kept,
    });
    expect([...missing.keys()]).toEqual(['gone']);
    expect(missing.get('gone')).toMatch(/gone.jpg: no such file/);
    const shown = [{ image: half }];
    expect(read(inputOf(shown))).toEqual(read((await load()).features.inputOf(shown)));
  }
});
