import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadNetwork } from '../../src/backbones/families.js';
import { runLanguage } from '../../src/backbones/layers/decoder.js';
import type { PromptImage } from '../../src/backbones/prompt-image.js';
import { smartResize } from '../../src/backbones/qwen25vl/image-patches.js';
import { withSettings } from '../../src/config/check-config.js';
import type { MoonConfig } from '../../src/config/config.js';
import type { Catalogue, Product, Raster } from '../../src/data/types.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { embed } from '../../src/encoder/embed-inputs.js';
import { type Encoder, sequenceOptions } from '../../src/encoder/encoder.js';
import { saveEncoder } from '../../src/encoder/model-folder.js';
import { startNetwork } from '../../src/encoder/start-network.js';
import { uploadPictured } from '../../src/encoder/upload.js';
import { unflatten } from '../../src/engine/flat-weights.js';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { embedPrompt } from '../../src/generate/embed-prompt.js';
import { buildBatch } from '../../src/moon/batch.js';
import { dynamicGrid } from '../../src/moon/dynamic-grid.js';
import { batchOptions, embedBatch } from '../../src/moon/model.js';
import { productSequence } from '../../src/moon/sequence.js';
import { NO_AUGMENTATION } from '../../src/pictures/augment.js';
import type { Pixels, Size } from '../../src/pictures/picture-store.js';
import { uploadPictures } from '../../src/pictures/stored-pictures.js';
import { trainRun } from '../../src/train/run/train-run.js';
import { peftPython } from '../needs.js';
import { augmentSlowly } from '../pictures/plain-augment.js';
import { digits, shopOptions, shortConfig } from '../train/run/short-run.js';
import { flatPatches } from './flat-patches.js';

const stream = randomStream(1, 'rasters');
const noise = (width: number, height: number): Raster => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, () => stream.integer(256)),
});
const root = mkdtempSync(join(tmpdir(), 'moon-dynamic-'));
const shop = generateShop(shopOptions);
const folder = (name: string) => join('test', 'fixtures', `${name}-folder`);
const dynamic = (name: string, imageSize: number): MoonConfig => ({
  ...withSettings(shortConfig, {
    network: { from: folder(name) },
    imageSize,
    vision: { resolution: 'dynamic', mirrored: false },
  }),
  experts: { kind: 'none' },
  region: { kind: 'none' },
  attention: 'causal',
});
const distance = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0];

interface Case {
  name: string;
  imageSize: number;
  patchSize: number;
  mean: number[];
  std: number[];
  image(pixels: Float32Array, size: Size): PromptImage;
}

const half = [0.5, 0.5, 0.5];
const cases: Case[] = [
  {
    name: 'qwen',
    imageSize: 48,
    patchSize: 4,
    mean: [0.48145466, 0.4578275, 0.40821073],
    std: [0.26862954, 0.26130258, 0.27577711],
    image: (pixels, { width, height }) => ({ kind: 'pixels', pixels, grid: { t: 1, h: height / 4, w: width / 4 } }),
  },
  {
    name: 'qwen3-vl',
    imageSize: 80,
    patchSize: 8,
    mean: half,
    std: half,
    image: (pixels, size) => flatPatches(pixels, size, 8),
  },
];

/** Pictures in tokens: wide, tall, one of a single row, the largest square. */
const shapes = [
  [3, 5],
  [5, 2],
  [1, 4],
  [5, 5],
];

/** Pixels of pictures whose files have these sizes, at the size at which the network sees them. */
function pixelsOf(sizes: readonly Size[], side: number): { pixels: Pixels; rasters: Raster[] } {
  const rasters = sizes.map(() => noise(side, side));
  const at = (id: string) => Number(id);
  const pixels: Partial<Pixels> = {
    size: side / 1.25,
    boxOf: () => undefined,
    sizeOf: ({ image }) => sizes[at(image.id)],
    inputOf: (shown, { count, shapes } = {}) =>
      uploadPictures(
        shown.map(({ image }) => rasters[at(image.id)]),
        shown.map(() => NO_AUGMENTATION),
        shapes!,
        count,
      ),
  };
  return { pixels: pixels as Pixels, rasters };
}

const product = (id: string, images: readonly number[]): Product => ({
  ...shop.products[images[0]],
  id,
  images: images.map((each) => ({ id: String(each), source: { kind: 'drawn', draw: () => noise(1, 1) } })),
});

/** Embed products together. */
function embedded({ model, parameters, layout, ...rest }: Encoder, products: readonly Product[], pixels: Pixels) {
  const read = { ...sequenceOptions({ ...rest, model, parameters, layout }, pixels), images: 2 };
  const sequences = products.map((each) => productSequence(each, read));
  const batch = buildBatch(sequences, batchOptions(model));
  const tensors = uploadPictured(batch, model, pixels);
  return { sequences, ...embedBatch(model, unflatten(parameters, layout), batch, tensors) };
}

describe.each(cases)(
  'pictures of their own shapes in a $name network',
  ({ name, imageSize, patchSize, mean, std, image }) => {
    const step = 2 * patchSize;
    const sizes = shapes.map(([rows, columns]) => ({ width: columns * step, height: rows * step }));
    const { pixels, rasters } = pixelsOf(sizes, imageSize * 1.25);
    const products = [product('a', [0, 1]), product('b', [2, 3])];

    test('have the hidden states of the published one, whatever stands beside them', () => {
      tf.tidy(() => {
        const encoder = startNetwork(dynamic(name, imageSize), shop);
        const { sequences, hidden } = embedded(encoder, products, pixels);
        const network = loadNetwork(folder(name));
        sequences.forEach((sequence, row) => {
          const ids = sequence.segments.flatMap((segment) => segment.ids);
          const images = [2 * row, 2 * row + 1].map((at) => {
            const plain = augmentSlowly(rasters[at], NO_AUGMENTATION, sizes[at]);
            return image(
              Float32Array.from(plain, (value, place) => (value - mean[place % 3]) / std[place % 3]),
              sizes[at],
            );
          });
          const { embeddings, positions, deepstack } = embedPrompt(network, { ids, images });
          const read = { embeddings, positions, deepstack, attention: 'causal' } as const;
          const { last } = runLanguage(network.config.text, network.weights, read);
          expect(ids.filter((id) => id === network.config.imageTokenId).length).toBe([25, 29][row]);
          expect(distance(tf.slice(hidden, [row, 0, 0], [1, ids.length, -1]), last)).toBeLessThan(5e-5);
        });
        const alone = embedded(encoder, products.slice(1), pixels).embeddings;
        const together = embedded(encoder, products, pixels).embeddings;
        expect(distance(tf.slice(together, 1, 1), alone)).toBeLessThan(1e-6);
      });
    });

    test('have the same gradient where blocks are recomputed, and leave nothing behind', async () => {
      const { model, parameters, layout, ...rest } = startNetwork(dynamic(name, imageSize), shop);
      const both = () =>
        tf.tidy(() => {
          const read = sequenceOptions({ ...rest, model, parameters, layout }, pixels);
          const batch = buildBatch(
            products.map((each) => productSequence(each, read)),
            batchOptions(model),
          );
          const tensors = uploadPictured(batch, model, pixels);
          const pull = tf.randomNormal([2, model.network.text.width], 0, 1, 'float32', 2);
          const gradient = (checkpoint: boolean) =>
            tf.grad((flat) => {
              const weights = unflatten(flat as tf.Tensor1D, layout);
              return tf.sum(tf.mul(embedBatch(model, weights, batch, tensors, { checkpoint }).embeddings, pull));
            })(parameters);
          const [plain, again] = [gradient(false), gradient(true)];
          const largest = tf.max(tf.abs(plain)).dataSync()[0];
          expect(largest).toBeGreaterThan(0.01);
          expect(distance(plain, again) / largest).toBeLessThan(1e-5);
        });
      both();
      expect((await countLeaks(both)).leaked).toBe(0);
      parameters.dispose();
    });
  },
);

/** The shop with photos that are not square. */
const oblong: Catalogue = {
  ...shop,
  products: shop.products.map((each, at) => ({
    ...each,
    images: each.images.map((image) => {
      const raster = noise(at % 2 ? 30 : 60, at % 3 ? 40 : 20);
      return { ...image, source: { kind: 'drawn', draw: () => raster } };
    }),
  })),
};

test('a compiled run computes what an uncompiled one does, and its encoder embeds pictures of other shapes', async () => {
  const config = { ...dynamic('qwen', 32), region: { kind: 'centre' } } as const;
  const train = async (compile: boolean) => {
    const run = join(root, String(compile));
    const given: MoonConfig = { ...config, captioning: { kind: 'none' }, engine: { ...config.engine, compile } };
    const short = { ...given, optimizer: { ...given.optimizer, steps: 3, warmUpSteps: 1 } };
    return { ...(await trainRun(run, short, oblong, { every: 9 })), losses: digits(run).map(({ loss }) => loss) };
  };
  const [plain, compiled] = [await train(false), await train(true)];
  expect(plain.losses.length).toBe(3);
  compiled.losses.forEach((loss, at) => {
    expect(Math.abs(loss - plain.losses[at])).toBeLessThan(1e-5);
  });
  const tokens = oblong.products.map((each) => {
    const [whole] = productSequence(each, sequenceOptions(plain.encoder, plain.pixels)).segments;
    return whole.grid!.rows * whole.grid!.columns;
  });
  expect(new Set(tokens).size).toBeGreaterThan(2);
  const vectors = await embed(plain.encoder, oblong.products.slice(0, 3));
  expect(vectors.ids.length).toBe(3);
  tf.dispose([plain.encoder.parameters, compiled.encoder.parameters]);
});

const side = fc.integer({ min: 1, max: 3000 });

test('a picture keeps its size and shape as the published processor does, and never has more tokens than the largest square', () => {
  fc.assert(
    fc.property(side, side, fc.integer({ min: 1, max: 12 }), (width, height, units) => {
      const tower = { patchSize: 4, mergeSize: 2 };
      const [maxSide, size] = [units * 8, { width, height }];
      const { rows, columns } = dynamicGrid(size, tower, maxSide);
      expect(Math.min(rows, columns)).toBeGreaterThan(0);
      expect(rows * columns).toBeLessThanOrEqual(units ** 2);
      if (Math.max(width, height) > 200 * Math.min(width, height)) return;
      const limits = { ...tower, minPixels: Math.min(16 ** 2, maxSide ** 2), maxPixels: maxSide ** 2 };
      const published = smartResize(width, height, limits);
      if (published.width * published.height <= maxSide ** 2)
        expect([columns * 8, rows * 8]).toEqual([published.width, published.height]);
    }),
  );
  expect(dynamicGrid({ width: 30, height: 18 }, { patchSize: 4, mergeSize: 2 }, 64)).toEqual({ rows: 2, columns: 4 });
});

test('has the same embeddings and sizes in the Python file of the model folder', {
  tags: ['peft'],
  timeout: 60_000,
}, () => {
  const seen = [
    [30, 18],
    [1000, 20],
    [5, 3],
    [400, 500],
    [1, 900],
  ];
  const made = cases.map(({ name, imageSize, patchSize }) =>
    tf.tidy(() => {
      const encoder = startNetwork(dynamic(name, imageSize), shop);
      saveEncoder(join(root, name), encoder);
      const sizes = shapes.map(([rows, columns]) => ({ width: columns * 2 * patchSize, height: rows * 2 * patchSize }));
      const { pixels, rasters } = pixelsOf(sizes, imageSize * 1.25);
      const { sequences, embeddings } = embedded(encoder, [product('a', [0, 1]), product('b', [2, 3])], pixels);
      const request = {
        model: join(root, name),
        sizes: seen,
        sequences: sequences.map(({ segments }, row) => ({
          ids: segments.flatMap(({ ids }) => ids),
          aspects: segments.flatMap(({ aspect, ids }) => ids.map(() => aspect)),
          images: [2 * row, 2 * row + 1].map((at) => {
            const { width, height } = sizes[at];
            const values = Float32Array.from(augmentSlowly(rasters[at], NO_AUGMENTATION, sizes[at]));
            return tf.tensor3d(values, [height, width, 3]).arraySync();
          }),
        })),
      };
      return { request, vectors: embeddings.arraySync(), imageSize, patchSize };
    }),
  );
  const file = join(root, 'requests.json');
  writeFileSync(file, JSON.stringify(made.map(({ request }) => request)));
  const answers: { merged: number[][]; sizes: number[][] }[] = JSON.parse(
    execFileSync(peftPython, [join('test', 'train', 'check-tuned.py'), file], { encoding: 'utf8' }),
  );
  answers.forEach(({ merged, sizes }, at) => {
    const { vectors, imageSize, patchSize } = made[at];
    merged.forEach((row, product) => {
      row.forEach((value, place) => {
        expect(Math.abs(value - vectors[product][place])).toBeLessThan(1e-4);
      });
    });
    const grids = seen.map(([width, height]) => dynamicGrid({ width, height }, { patchSize, mergeSize: 2 }, imageSize));
    expect(sizes).toEqual(grids.map(({ rows, columns }) => [columns * 2 * patchSize, rows * 2 * patchSize]));
  });
});

test('is refused where a tower reads squares alone', () => {
  expect(() => startNetwork(dynamic('smolvlm', 48), shop)).toThrow(
    `vision.resolution: got "dynamic", expected 'fixed'. The tower of SmolVLM / Idefics3 reads square tiles.`,
  );
  const conv = { network: { stem: { kind: 'conv', channels: [8, 8, 8] } }, vision: { resolution: 'dynamic' } };
  expect(() => withSettings(shortConfig, conv)).toThrow('A convolutional stem reads square pictures');
});
