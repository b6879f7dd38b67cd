import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadNetwork } from '../../src/backbones/families.js';
import { embeddingSources, embedTokens, mergeImageTokens, runLanguage } from '../../src/backbones/layers/decoder.js';
import { isVision } from '../../src/backbones/layers/vision-names.js';
import { ropeIndex } from '../../src/backbones/qwen25vl/positions.js';
import { sizedTower } from '../../src/backbones/qwen25vl/sizes.js';
import { encodeImages } from '../../src/backbones/qwen25vl/vision.js';
import { withSettings } from '../../src/config/check-config.js';
import type { MoonConfig } from '../../src/config/config.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { findCheckpoint, loadBest, loadEncoder } from '../../src/encoder/checkpoints.js';
import { embedSequences } from '../../src/encoder/embed.js';
import { type Encoder, sequenceOptions } from '../../src/encoder/encoder.js';
import { loadEncoderFolder, saveEncoder } from '../../src/encoder/model-folder.js';
import { describeNetwork, startNetwork } from '../../src/encoder/start-network.js';
import { unflatten, type Weights } from '../../src/engine/flat-weights.js';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { explain } from '../../src/evaluate/explain.js';
import { buildBatch, uploadBatch } from '../../src/moon/batch.js';
import { batchOptions, embedBatch } from '../../src/moon/model.js';
import { productSequence } from '../../src/moon/sequence.js';
import { partOf } from '../../src/moon/weight-names.js';
import type { Pixels } from '../../src/pictures/picture-store.js';
import { mirrorPictures, type StoredPictures } from '../../src/pictures/stored-pictures.js';
import { blocksOf, withBlocks } from '../../src/train/forecast/blocks.js';
import { probe } from '../../src/train/forecast/probe.js';
import { trainRun } from '../../src/train/run/train-run.js';
import { openTuning } from '../../src/train/tuning/tuning.js';
import { digits, shopOptions, shortConfig } from '../train/run/short-run.js';

const shop = generateShop(shopOptions);
const root = mkdtempSync(join(tmpdir(), 'moon-own-tower-'));
const folder = (name: string) => join('test', 'fixtures', `${name}-folder`);
/** A published decoder behind a new tower. A picture is 2 x 2 tokens. */
const behind = (from: string, more: object = {}): MoonConfig =>
  withSettings(shortConfig, {
    network: { from },
    vision: { kind: 'own', size: 'nano' },
    imageSize: 32,
    attention: 'causal',
    engine: { compile: false },
    sampler: { products: 2 },
    optimizer: { steps: 4, accumulate: 1 },
    ...more,
  });
const config = behind(folder('llama'), { tune: { kind: 'lora', rank: 2 } });
const distance = (a: tf.Tensor, b: tf.Tensor) => tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]);
const weightsOf = ({ parameters, layout }: Pick<Encoder, 'parameters' | 'layout'>) => unflatten(parameters, layout);
const without = { boxOf: () => undefined } as unknown as Pixels;
const noise = (pictures: number) => tf.randomUniform([pictures, 32, 32, 3], 0, 1, 'float32', 1) as tf.Tensor4D;

const stems = { patch: { kind: 'patch' }, conv: { kind: 'conv', channels: [8, 8, 12] } } as const;
const cases = [
  ['llama', 'patch', 1],
  ['qwen', 'conv', 2],
  ['qwen3-vl', 'patch', 2],
  ['smolvlm', 'patch', 2],
] as const;

describe.each(cases)('a %s decoder behind a new tower with a %s stem of depth %d', (name, stem, depth) => {
  const vision = { kind: 'own', size: 'nano', stem: stems[stem], depth };
  const dense = behind(folder(name), { vision, experts: { kind: 'none' }, region: { kind: 'none' } });

  test('reads as the slow way says: the features of Qwen2.5-VL in place of words', () => {
    tf.tidy(() => {
      const encoder = startNetwork(dense, shop);
      const { model } = encoder;
      const weights = weightsOf(encoder);
      const product = { ...shop.products[0], images: shop.products.slice(0, 2).map(({ images }) => images[0]) };
      const sequence = productSequence(product, { ...sequenceOptions(encoder, without), images: 2 });
      const batch = buildBatch([sequence], batchOptions(model));
      const pixels = noise(2);
      const { hidden } = embedBatch(model, weights, batch, uploadBatch(batch, pixels));

      const { config: published, weights: known } = loadNetwork(folder(name));
      const { mean, std } = model.normalisation;
      const fullAttentionBlocks = [0, 1].slice(0, depth);
      const tower = { ...sizedTower('nano', stems[stem]), depth, fullAttentionBlocks, outWidth: published.text.width };
      const seen = { kind: 'pixels', pixels: tf.div(tf.sub(pixels, mean), std) as tf.Tensor4D } as const;
      const { tokens } = encodeImages(tower, weights, seen);
      const ids = sequence.segments.flatMap((segment) => segment.ids);
      const image = model.network.imageTokenId!;
      const words = embedTokens(model.network.text, weights, tf.tensor2d(ids, [1, ids.length], 'int32'));
      const features = tf.reshape(tokens, [-1, published.text.width]) as tf.Tensor2D;
      expect(features.shape[0]).toBe(8);
      const embeddings = mergeImageTokens(words, features, tf.tensor1d(embeddingSources(ids, image), 'int32'));
      const grids = [1, 2].map(() => ({ t: 1, h: 4, w: 4 }));
      const inRows = { ids, grids: name.startsWith('qwen') ? grids : [] };
      const { positions } = ropeIndex([inRows], { imageTokenId: inRows.grids.length ? image : -1, mergeSize: 2 });
      const place = tf.tensor3d(positions, [3, 1, ids.length], 'int32');
      const { last } = runLanguage(model.network.text, weights, { embeddings, positions: place, attention: 'causal' });
      expect(distance(tf.slice(hidden, [0, 0, 0], [1, ids.length, -1]), last)).toBeLessThan(1e-5);

      // The decoder is the published one, the tower is none of its.
      const query = 'model.layers.1.self_attn.q_proj.weight';
      expect(distance(weights[query], known[query])).toBe(0);
      const own = Object.keys(weights).filter(isVision);
      expect(new Set(own.map(partOf))).toEqual(new Set(['vision', 'projector']));
      const block = (key: string) => /blocks\.\d+/.exec(key)?.[0] ?? [];
      expect(new Set(own.flatMap(block)).size).toBe(depth);
      const blank = startNetwork({ ...dense, network: { from: folder(name), weights: 'random' } }, shop);
      expect(blank.layout).toEqual(encoder.layout);
      for (const key of own) expect(distance(weightsOf(blank)[key], weights[key])).toBe(0);
    });
  });

  test('is saved and read back the same, and frees everything', async () => {
    const out = join(root, name);
    const { leaked } = await countLeaks(() => {
      const encoder = startNetwork(dense, shop);
      saveEncoder(out, encoder);
      const again = loadEncoderFolder(out);
      expect(again.model).toEqual(encoder.model);
      expect(distance(again.parameters, encoder.parameters)).toBe(0);
      tf.dispose([encoder.parameters, again.parameters]);
    });
    expect(leaked).toBe(0);
  });
});

describe('a run of LoRA behind a new tower', () => {
  const [whole, parts] = ['whole', 'parts'].map((name) => join(root, name));
  let pixels: Pixels;
  beforeAll(async () => {
    const trained = await trainRun(whole, config, shop, { every: 2 });
    pixels = trained.pixels;
    trained.encoder.parameters.dispose();
  }, 60_000);

  test('trains the tower entirely, with a gradient in every weight', () => {
    const encoder = startNetwork(config, shop);
    const tuning = openTuning(encoder);
    const visual = encoder.layout.names.filter(isVision);
    expect(tuning.layout.names.filter(isVision)).toEqual(visual);
    expect(Object.keys(tuning.frozen).filter(isVision)).toEqual([]);
    tf.tidy(() => {
      const sequence = productSequence(shop.products[0], sequenceOptions(encoder, without));
      const batch = buildBatch([sequence], batchOptions(encoder.model));
      const tensors = uploadBatch(batch, noise(batch.pictures));
      const pull = tf.randomNormal([1, 40], 0, 1, 'float32', 5);
      const loss = (weights: Weights) =>
        tf.sum(tf.mul(embedBatch(encoder.model, weights, batch, tensors).embeddings, pull)) as tf.Scalar;
      const { frozen } = tuning;
      const gradient = tf.grad((x) => loss(tuning.weightsOf({ trained: x as tf.Tensor1D, frozen })))(tuning.start());
      const named = unflatten(gradient as tf.Tensor1D, tuning.layout);
      for (const name of visual) expect(distance(named[name], tf.scalar(0)), name).toBeGreaterThan(0);
    });
    tuning.dispose();
    tf.tidy(() => {
      const [start, end] = [weightsOf(encoder), weightsOf(loadEncoder(whole))];
      for (const name of visual) expect(distance(start[name], end[name]), name).toBeGreaterThan(0);
      const table = 'model.embed_tokens.weight';
      expect(distance(start[table], end[table])).toBe(0);
    });
    encoder.parameters.dispose();
  });

  test('resumes bit for bit', async () => {
    const stopped = new AbortController();
    const onStep = ({ step }: { step: number }) => step === 3 && stopped.abort();
    const first = await trainRun(parts, config, shop, { every: 2, signal: stopped.signal, onStep });
    const { encoder } = await trainRun(parts, config, shop, { every: 2, resume: true });
    expect(digits(parts)).toEqual(digits(whole));
    const there = loadEncoder(whole);
    expect(distance(encoder.parameters, there.parameters)).toBe(0);
    tf.dispose([first.encoder.parameters, encoder.parameters, there.parameters]);
  }, 60_000);

  test('is loaded with the same embeddings, mirrored ones too, and explained', async () => {
    const encoder = loadBest(whole);
    const folder = join(findCheckpoint(whole, 'last'), 'model');
    const plain = { ...encoder, config: withSettings(encoder.config, { vision: { mirrored: false } }) };
    const sequences = shop.products.slice(0, 3).map((each) => productSequence(each, sequenceOptions(encoder, pixels)));
    const again = loadEncoderFolder(folder);
    const vectors = async (given: Encoder, shown = pixels) => [
      ...(await embedSequences(given, sequences, shown)).vectors,
    ];
    const flipped: Pixels = {
      ...pixels,
      inputOf: (...given) => mirrorPictures(pixels.inputOf(...given) as StoredPictures),
    };
    const both = await vectors(encoder);
    expect(await vectors(again)).toEqual(both);
    const [one, other] = [await vectors(plain), await vectors(plain, flipped)];
    const width = both.length / 3;
    for (let row = 0; row < 3; row++) {
      const sum = one.map((value, at) => value + other[at]).slice(row * width, (row + 1) * width);
      const length = Math.hypot(...sum);
      for (const [at, value] of sum.entries()) expect(value / length).toBeCloseTo(both[row * width + at], 5);
    }
    const { sequence } = await explain(encoder, shop.products[0], pixels);
    expect(sequence.map(({ aspect }) => aspect).slice(0, 3)).toEqual(['image', 'crop', 'title']);
    tf.dispose([encoder.parameters, again.parameters]);
  });

  test('is what another run starts from, with the same tower', () => {
    const further = { ...config, network: { from: whole } };
    tf.tidy(() => {
      const [start, end] = [startNetwork(further, shop), loadBest(whole)].map(weightsOf);
      for (const name of Object.keys(end).filter(isVision)) expect(distance(start[name], end[name]), name).toBe(0);
    });
    const other = withSettings(further, { vision: { depth: 1 } });
    expect(() => startNetwork(other, shop)).toThrow(`expected that of ${whole}`);
  });
});

test('a compiled step has the losses of a plain one', async () => {
  const losses = async (compile: boolean) => {
    const run = join(root, `compiled ${compile}`);
    const changes = { engine: { compile }, optimizer: { steps: 1, warmUpSteps: 0 }, captioning: { kind: 'none' } };
    const { encoder } = await trainRun(run, withSettings(config, changes), shop, { every: 1 });
    encoder.parameters.dispose();
    return digits(run).map(({ loss }) => loss);
  };
  const [plain, compiled] = [await losses(false), await losses(true)];
  for (const [at, loss] of compiled.entries()) expect(loss).toBeCloseTo(plain[at], 4);
}, 60_000);

test('a forecast counts the blocks and the numbers of the new tower', async () => {
  const { model, tokenizer } = describeNetwork(config, shop);
  expect(blocksOf(model)).toEqual({ dense: 2, expert: 1, vision: 2 });
  const short = withBlocks(config, model, { dense: 1, expert: 1, vision: 1 });
  expect(blocksOf(short.model)).toEqual({ dense: 1, expert: 1, vision: 1 });
  const found = await probe({ config, model, tokenizer: tokenizer.json, catalogue: shop });
  const encoder = startNetwork(config, shop);
  const tuning = openTuning(encoder);
  expect(found.parameters).toBe(encoder.parameters.size);
  expect(found.trained).toBe(tuning.layout.sizes.reduce((sum, size) => sum + size, 0));
  tuning.dispose();
  encoder.parameters.dispose();
});

test('what does not go together is refused', () => {
  const wrong = (changes: object) => () => startNetwork(withSettings(config, changes), shop);
  const vision = { kind: 'own' };
  expect(() => withSettings(shortConfig, { vision })).toThrow(
    `vision.kind: got "own", expected 'qwen'. The tower of a new network is new; own is for network.from.`,
  );
  expect(wrong({ imageSize: 40 })).toThrow('imageSize: got 40, expected a multiple of 16, two patches.');
  expect(wrong({ vision: { stem: { kind: 'conv', channels: [8, 8, 8, 8, 8] } }, imageSize: 32 })).toThrow(
    'imageSize: got 32, expected a multiple of 64, two patches.',
  );
  const encoder = startNetwork(withSettings(config, { tune: { targets: ['qkv'] } }), shop);
  expect(() => openTuning(encoder)).toThrow('lora.targets: got "qkv"');
  encoder.parameters.dispose();
});
