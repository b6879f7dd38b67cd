import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadNetwork, loadPublishedConfig, loadPublishedWeights } from '../../src/backbones/families.js';
import { runLanguage } from '../../src/backbones/layers/decoder.js';
import type { PromptImage } from '../../src/backbones/prompt-image.js';
import { withSettings } from '../../src/config/check-config.js';
import type { MoonConfig } from '../../src/config/config.js';
import type { Product } from '../../src/data/types.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { sequenceOptions } from '../../src/encoder/encoder.js';
import { loadEncoderFolder, saveEncoder } from '../../src/encoder/model-folder.js';
import { startNetwork } from '../../src/encoder/start-network.js';
import { unflatten } from '../../src/engine/flat-weights.js';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { embedPrompt } from '../../src/generate/embed-prompt.js';
import { buildBatch, uploadBatch } from '../../src/moon/batch.js';
import { batchOptions, embedBatch } from '../../src/moon/model.js';
import { productSequence } from '../../src/moon/sequence.js';
import type { Pixels } from '../../src/pictures/picture-store.js';
import { shopOptions, shortConfig } from '../train/run/short-run.js';
import { flatPatches } from './flat-patches.js';

const shop = generateShop(shopOptions);
const half = [0.5, 0.5, 0.5];

interface Case {
  name: string;
  imageSize: number;
  mean: number[];
  std: number[];
  /** A normalised square image as the family's own processor gives it. */
  image(pixels: Float32Array, side: number): PromptImage;
}

const cases: Case[] = [
  {
    name: 'qwen',
    imageSize: 24,
    mean: [0.48145466, 0.4578275, 0.40821073],
    std: [0.26862954, 0.26130258, 0.27577711],
    image: (pixels, side) => ({ kind: 'pixels', pixels, grid: { t: 1, h: side / 4, w: side / 4 } }),
  },
  {
    name: 'qwen3-vl',
    imageSize: 32,
    mean: half,
    std: half,
    image: (pixels, side) => flatPatches(pixels, { width: side, height: side }, 8),
  },
  {
    name: 'smolvlm',
    imageSize: 48,
    mean: half,
    std: half,
    image: (pixels, side) => ({ kind: 'tile', pixels, side, width: side, height: side }),
  },
];

const folder = (name: string) => join('test', 'fixtures', `${name}-folder`);
const dense = (name: string, imageSize: number): MoonConfig => ({
  ...withSettings(shortConfig, { network: { from: folder(name) }, imageSize }),
  experts: { kind: 'none' },
  region: { kind: 'none' },
  attention: 'causal',
});
const distance = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0];
const withoutRegions = { boxOf: () => undefined } as unknown as Pixels;
/** Two images, so that the order of their features counts. */
const product: Product = { ...shop.products[0], images: [shop.products[0].images[0], shop.products[1].images[0]] };

describe.each(cases)('MOON on a $name network', ({ name, imageSize, mean, std, image }) => {
  const config = dense(name, imageSize);

  test('has the hidden states of the published one', () => {
    tf.tidy(() => {
      const encoder = startNetwork(config, shop);
      const { model, parameters, layout } = encoder;
      const sequence = productSequence(product, { ...sequenceOptions(encoder, withoutRegions), images: 2 });
      const batch = buildBatch([sequence], batchOptions(model));
      const size = imageSize ** 2 * 3;
      const draw = randomStream(3, 'pixels');
      const pixels = Float32Array.from({ length: 2 * size }, () => draw.uniform());
      const tensors = uploadBatch(batch, tf.tensor4d(pixels, [2, imageSize, imageSize, 3]));
      const { hidden } = embedBatch(model, unflatten(parameters, layout), batch, tensors);

      const network = loadNetwork(folder(name));
      const ids = sequence.segments.flatMap((segment) => segment.ids);
      const normalised = pixels.map((value, at) => (value - mean[at % 3]) / std[at % 3]);
      const images = [0, 1].map((at) => image(normalised.slice(at * size, (at + 1) * size), imageSize));
      const { embeddings, positions, deepstack } = embedPrompt(network, { ids, images });
      const read = { embeddings, positions, deepstack, attention: 'causal' } as const;
      const { last } = runLanguage(network.config.text, network.weights, read);
      expect(ids.length).toBeGreaterThan(12);
      expect(distance(tf.slice(hidden, [0, 0, 0], [1, ids.length, -1]), last)).toBeLessThan(5e-5);
    });
  });

  test('is saved under the published names: config, tokenizer and weights are read back the same', () => {
    const out = join(mkdtempSync(join(tmpdir(), 'moon-family-')), 'model');
    tf.tidy(() => {
      const encoder = startNetwork(config, shop);
      saveEncoder(out, encoder);
      const again = loadEncoderFolder(out);
      expect(again.model).toEqual(encoder.model);
      expect(distance(again.parameters, encoder.parameters)).toBe(0);
      expect(again.tokenizer.json).toEqual(encoder.tokenizer.json);
      const published = loadPublishedConfig(folder(name));
      const written = loadPublishedConfig(out);
      expect({ ...written, text: { ...written.text, vocabSize: 0 } }).toEqual({
        ...published,
        text: { ...published.text, vocabSize: 0 },
      });
      const own = unflatten(encoder.parameters, encoder.layout);
      for (const [key, weight] of Object.entries(loadPublishedWeights(out, written)))
        expect(distance(weight, own[key]), key).toBe(0);
    });
  });

  test('has guided experts that compute what their dense layers did, and frees everything', async () => {
    // All ordinary experts read an ordinary token, so that their gates add up to 1.
    const guided = { kind: 'guided', count: 4, topK: 2, blocks: [1] } as const;
    const run = (given: MoonConfig) =>
      tf.tidy(() => {
        const encoder = startNetwork(given, shop);
        const { model, parameters, layout } = encoder;
        const sequence = productSequence(product, sequenceOptions(encoder, withoutRegions));
        const batch = buildBatch([sequence], batchOptions(model));
        const pixels = tf.fill([batch.pictures, imageSize, imageSize, 3], 0.3) as tf.Tensor4D;
        return embedBatch(model, unflatten(parameters, layout), batch, uploadBatch(batch, pixels)).embeddings;
      });
    const both = () => tf.tidy(() => distance(run({ ...config, experts: guided }), run(config)));
    expect(both()).toBeLessThan(1e-6);
    expect((await countLeaks(both)).leaked).toBe(0);
  });
});

test.each(cases)('recomputed blocks of a $name network have the same gradient', async ({ name, imageSize }) => {
  const guided = { kind: 'guided', count: 4, topK: 1, blocks: [1] } as const;
  const { model, parameters, layout, ...rest } = startNetwork({ ...dense(name, imageSize), experts: guided }, shop);
  const both = () =>
    tf.tidy(() => {
      const read = sequenceOptions({ ...rest, model, parameters, layout }, withoutRegions);
      const batch = buildBatch(
        shop.products.slice(0, 3).map((each) => productSequence(each, read)),
        batchOptions(model),
      );
      const pixels = tf.randomUniform([batch.pictures, imageSize, imageSize, 3], 0, 1, 'float32', 1) as tf.Tensor4D;
      const tensors = uploadBatch(batch, pixels);
      const pull = tf.randomNormal([3, model.network.text.width], 0, 1, 'float32', 2);
      const gradient = (checkpoint: boolean) =>
        tf.grad((flat) => {
          const weights = unflatten(flat as tf.Tensor1D, layout);
          const { embeddings, experts } = embedBatch(model, weights, batch, tensors, { checkpoint });
          return tf.add(tf.sum(tf.mul(embeddings, pull)), experts[0].balance) as tf.Scalar;
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

describe('MOON on a language model without images', () => {
  const config = dense('llama', 16);

  test('needs an image encoder, and says so', () => {
    expect(() => startNetwork(config, shop)).toThrow(
      `vision.kind: got "qwen", expected 'own', 'onnx' or 'none'. A Llama network has no vision tower of its own.`,
    );
  });

  test('learns the tokens around an image; text has the hidden states of the published one', () => {
    tf.tidy(() => {
      const encoder = startNetwork({ ...config, vision: { kind: 'onnx', model: 'an encoder' } }, shop);
      const { model, tokenizer, parameters, layout } = encoder;
      const [start, piece] = ['<|vision_start|>', '<|image_pad|>'].map((token) => tokenizer.idOf(token)!);
      expect(model.network.imageTokenId).toBe(piece);
      const weights = unflatten(parameters, layout);
      const table = weights['model.embed_tokens.weight'];
      expect(table.shape[0]).toBeGreaterThan(piece);
      expect(distance(tf.gather(table, start), tf.gather(table, piece))).toBe(0);
      const read = sequenceOptions(encoder, withoutRegions);
      const sequence = productSequence({ ...product, images: [] }, read);
      const batch = buildBatch([sequence], batchOptions(model));
      const { hidden } = embedBatch(model, weights, batch, uploadBatch(batch, tf.zeros([0, 16, 16, 3])));
      const network = loadNetwork(folder('llama'));
      const ids = sequence.segments.flatMap((segment) => segment.ids);
      const { embeddings, positions } = embedPrompt(network, { ids, images: [] });
      const given = { embeddings, positions, attention: 'causal' } as const;
      const { last } = runLanguage(network.config.text, network.weights, given);
      expect(distance(tf.slice(hidden, [0, 0, 0], [1, ids.length, -1]), last)).toBeLessThan(1e-5);

      // Features of an image encoder take the places of the image's tokens, one after the other.
      const shown = productSequence(product, read);
      const pictured = buildBatch([shown], batchOptions(model));
      const features = tf.randomNormal([1, read.imageTokens, 1280], 0, 1, 'float32', 1);
      const projector = tf.randomNormal([40, 1280], 0, 0.02, 'float32', 2);
      expect(pictured.positions.slice(0, 4)).toEqual(Int32Array.of(0, 1, 2, 3));
      const own = { ...weights, 'vision.projector.weight': projector };
      const { embeddings: vector } = embedBatch(model, own, pictured, uploadBatch(pictured, features));
      expect(vector.shape).toEqual([1, network.config.text.width]);
    });
  });
});
