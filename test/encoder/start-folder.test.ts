import { cpSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadNetwork, loadPublishedWeights } from '../../src/backbones/families.js';
import { runLanguage } from '../../src/backbones/layers/decoder.js';
import { publishedImageProcessor } from '../../src/backbones/qwen25vl/image-processor.js';
import { loadConfig } from '../../src/backbones/qwen25vl/weights.js';
import { applySettings, checkConfig, withSettings } from '../../src/config/check-config.js';
import type { MoonConfig } from '../../src/config/config.js';
import { joinTrainedOn, trainedOnOf } from '../../src/data/trained-on.js';
import { collectTrainingSet } from '../../src/data/training-set.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { findCheckpoint, loadBest } from '../../src/encoder/checkpoints.js';
import { startHash } from '../../src/encoder/start-folder.js';
import { startNetwork } from '../../src/encoder/start-network.js';
import { unflatten } from '../../src/engine/flat-weights.js';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { embedPrompt } from '../../src/generate/embed-prompt.js';
import { TEMPERATURE } from '../../src/losses/temperature.js';

import { buildBatch, imageTokens, uploadBatch } from '../../src/moon/batch.js';
import { batchOptions, embedBatch } from '../../src/moon/model.js';
import { productSequence } from '../../src/moon/sequence.js';
import { readManifest } from '../../src/train/run/manifest.js';
import { trainRun } from '../../src/train/run/train-run.js';
import { digits, shopOptions, shortConfig } from '../train/run/short-run.js';

const published = join('test', 'fixtures', 'qwen-folder');
const root = mkdtempSync(join(tmpdir(), 'moon-start-'));
const shop = generateShop(shopOptions);
/** The published network with MOON's experts, as `network.from` gives it. */
const config = withSettings(shortConfig, { network: { from: published }, imageSize: 16 });
const guided = { ...config, experts: { kind: 'guided', count: 4, topK: 1, blocks: [1] } } as const satisfies MoonConfig;
const dense: MoonConfig = { ...config, experts: { kind: 'none' } };

/** A copy of the published folder with one JSON file changed. */
function changed(name: string, file: string, change: (json: Record<string, never>) => object): string {
  const folder = join(root, name);
  cpSync(published, folder, { recursive: true });
  const json = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  writeFileSync(join(folder, file), JSON.stringify(change(json)));
  return folder;
}

/** The weights of the start of a config, by name; freed with everything else by the caller's tidy. */
function weightsOf(config: MoonConfig) {
  const { parameters, layout, ...encoder } = startNetwork(config, shop);
  return { ...encoder, weights: unflatten(parameters, layout) };
}

const distance = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0];

describe('a published folder', () => {
  test('gives its weights and tokenizer; experts are copies of its dense layers', () => {
    tf.tidy(() => {
      const { weights: known } = loadNetwork(published);
      const { weights, model, tokenizer } = weightsOf(guided);
      for (const [name, tensor] of Object.entries(known)) {
        if (name.startsWith('model.layers.1.mlp.') || /embed_tokens|lm_head/.test(name)) continue;
        expect(distance(weights[name], tensor), name).toBe(0);
      }
      const {
        gate_proj: gate,
        up_proj: up,
        down_proj: down,
      } = Object.fromEntries(
        ['gate_proj', 'up_proj', 'down_proj'].map((part) => [part, known[`model.layers.1.mlp.${part}.weight`]]),
      );
      const experts = Object.keys(weights).filter((name) => /layers\.1\.mlp\..*_proj$/.test(name));
      expect(experts.length).toBeGreaterThan(2);
      for (const name of experts) {
        const copy = name.endsWith('down_proj') ? down : tf.concat([gate, up]);
        for (const expert of tf.unstack(weights[name])) expect(distance(expert, copy), name).toBe(0);
      }
      // The folder's tokenizer has no [mask]; it becomes the token after the last one, and starts as the mean of all.
      expect(tokenizer.idOf('[mask]')).toBe(285);
      expect(tokenizer.encode('a [mask] b')).toContain(285);
      const table = known['model.embed_tokens.weight'];
      const mean = tf.mean(tf.slice(table, 0, 285), 0);
      const own = weights['model.embed_tokens.weight'];
      expect(own.shape).toEqual(table.shape);
      expect(distance(tf.gather(own, 285), mean)).toBeLessThan(1e-7);
      expect(distance(tf.slice(own, 0, 285), tf.slice(table, 0, 285))).toBe(0);
      expect(model.network.text.depth).toBe(2);
    });
  });

  test('embeds a product with the hidden states of the published network', () => {
    tf.tidy(() => {
      const { weights, model, tokenizer } = weightsOf({ ...dense, attention: 'causal', imageSize: 24 });
      const options = batchOptions(model);
      const sequence = productSequence(shop.products[0], { tokenizer, imageTokens: imageTokens(options) });
      const batch = buildBatch([sequence], options);
      const draw = randomStream(3, 'pixels');
      const pixels = Float32Array.from({ length: 24 * 24 * 3 }, () => draw.uniform());
      const tensors = uploadBatch(batch, tf.tensor4d(pixels, [1, 24, 24, 3]));
      const { hidden } = embedBatch(model, weights, batch, tensors);
      const ids = sequence.segments.flatMap((segment) => segment.ids);
      const { mean, std } = publishedImageProcessor;
      const normalised = pixels.map((value, at) => (value - mean[at % 3]) / std[at % 3]);
      const network = { config: loadConfig(published), weights: loadNetwork(published).weights };
      const image = { kind: 'pixels', pixels: normalised, grid: { t: 1, h: 6, w: 6 } } as const;
      const { embeddings, positions } = embedPrompt(network, { ids, images: [image] });
      const { last } = runLanguage(network.config.text, network.weights, {
        embeddings,
        positions,
        attention: 'causal',
      });
      expect(ids.length).toBeGreaterThan(12);
      expect(distance(tf.slice(hidden, [0, 0, 0], [1, ids.length, -1]), last)).toBeLessThan(2e-5);
    });
  });

  test('blocks takes the first blocks; a vocabulary without spare rows grows', () => {
    tf.tidy(() => {
      const { weights, model } = weightsOf({ ...dense, network: { from: published, blocks: 1 } });
      expect(model.network.text.depth).toBe(1);
      expect(Object.keys(weights).some((name) => name.startsWith('model.layers.1.'))).toBe(false);
    });
    const full = changed('full', 'tokenizer.json', (json) => {
      const added = json.added_tokens as { id: number; content: string }[];
      const more = Array.from({ length: 19 }, (_, at) => ({ ...added[0], id: 285 + at, content: `<|spare_${at}|>` }));
      return { ...json, added_tokens: [...added, ...more] };
    });
    tf.tidy(() => {
      const { weights, tokenizer, model } = weightsOf({ ...dense, network: { from: full } });
      expect([tokenizer.idOf('[mask]'), model.network.text.vocabSize]).toEqual([304, 305]);
      expect(weights['model.embed_tokens.weight'].shape).toEqual([305, 48]);
      expect(weights['lm_head.weight'].shape).toEqual([305, 48]);
    });
  });

  test('nothing stays loaded', async () => {
    const start = () => startNetwork(guided, shop).parameters.dispose();
    start();
    expect((await countLeaks(start)).leaked).toBe(0);
  });

  test('says in its summary where it is from', () => {
    const encoder = startNetwork({ ...dense, network: { from: published, blocks: 1 } }, shop);
    encoder.parameters.dispose();
    expect(inspect(encoder)).toContain(`from ${published}, 1 blocks`);
  });
});

describe('a run that starts from it', () => {
  const first = join(root, 'first');
  const options = { every: 2, keep: 9 };
  const start = changed('start', 'tokenizer.json', (json) => json);
  const begun = withSettings(guided, { network: { from: start } });
  beforeAll(async () => {
    process.env.MOON_CACHE = join(root, 'cache');
    const run = await trainRun(first, begun, shop, options);
    run.encoder.parameters.dispose();
  }, 120_000);
  afterAll(() => {
    delete process.env.MOON_CACHE;
  });

  test('records the hash of the folder, which changes with its weights', async () => {
    const hash = readManifest(first).parts?.['network.from'];
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await startHash(start)).toBe(hash);
    expect(await startHash(first)).not.toBe(hash);
  });

  test('resumes bit for bit', async () => {
    const again = join(root, 'again');
    const controller = new AbortController();
    const stopped = await trainRun(again, begun, shop, {
      ...options,
      signal: controller.signal,
      onStep: ({ step }) => step === 5 && controller.abort(),
    });
    stopped.encoder.parameters.dispose();
    const resumed = await trainRun(again, begun, shop, { ...options, resume: true });
    resumed.encoder.parameters.dispose();
    expect(digits(again)).toEqual(digits(first));
    const state = (run: string) => readFileSync(join(findCheckpoint(run, 'last'), 'state.safetensors'));
    expect(state(again).equals(state(first))).toBe(true);
  });

  test('is a start itself: weights, experts, tokenizer and record of training go on', () => {
    const trained = loadBest(first);
    const next = startNetwork(withSettings(guided, { network: { from: first } }), shop);
    tf.tidy(() => {
      const [before, after] = [trained, next].map(({ parameters, layout }) => unflatten(parameters, layout));
      for (const [name, tensor] of Object.entries(before))
        if (name !== TEMPERATURE) expect(distance(after[name], tensor), name).toBe(0);
    });
    expect(next.tokenizer.json).toEqual(trained.tokenizer.json);
    const seen = trainedOnOf(collectTrainingSet(shop));
    expect(next.trainedOn).toEqual(joinTrainedOn(seen, seen));
    trained.parameters.dispose();
    next.parameters.dispose();
  });

  test('is not resumed from other weights', async () => {
    const file = join(start, 'tokenizer.json');
    const before = readFileSync(file);
    writeFileSync(file, `${before}\n`);
    await expect(trainRun(first, begun, shop, { ...options, resume: true })).rejects.toThrow(
      'network.from: its files have changed since',
    );
    writeFileSync(file, before);
  });

  test('needs the folder that it started from no more', () => {
    const gone = join(root, 'gone');
    renameSync(start, gone);
    try {
      const encoder = loadBest(first);
      expect(encoder.model.network).toMatchObject({ text: { width: 48, depth: 2 }, vision: { patchSize: 4 } });
      encoder.parameters.dispose();
    } finally {
      renameSync(gone, start);
    }
  });

  test('keeps its experts: others are refused', () => {
    const from = { network: { from: first } };
    expect(() => startNetwork(withSettings({ ...guided, experts: { kind: 'none' } }, from), shop)).toThrow(
      'experts: got {"kind":"none"}, expected that of',
    );
  });

  test('its folder is that of a network with experts, which transformers does not know, and says so', () => {
    const folder = join(findCheckpoint(first, 'last'), 'model');
    expect(() => tf.dispose(loadPublishedWeights(folder, loadConfig(folder)))).toThrow('model.layers.1.mlp.');
  });
});

describe('a folder that does not fit', () => {
  const from = (folder: string) => () => startNetwork({ ...dense, network: { from: folder } }, shop);

  test.each<[string, () => unknown, string]>([
    [
      'an unknown family',
      () => from(changed('bert', 'config.json', (json) => ({ ...json, model_type: 'bert' })))(),
      'model_type is "bert", expected one of qwen2_5_vl (Qwen2.5-VL), qwen3_vl',
    ],
    ['no folder', from(join(root, 'nowhere')), 'nowhere does not exist; '],
    [
      'too many blocks',
      () => startNetwork({ ...dense, network: { from: published, blocks: 3 } }, shop),
      'network.blocks: got 3, expected 1 to 2',
    ],
    [
      'an image size between two tokens',
      () => startNetwork({ ...dense, imageSize: 20 }, shop),
      'imageSize: got 20, expected a multiple of 8',
    ],
    [
      'experts in a block that is not there',
      () => startNetwork({ ...guided, experts: { ...guided.experts, blocks: [2] } }, shop),
      'experts.blocks: got [2]',
    ],
  ])('%s', (_, start, message) => {
    expect(start).toThrow(message);
  });

  test('a tokenizer of another model', () => {
    const folder = changed('other-tokens', 'config.json', (json) => ({ ...json, image_token_id: 284 }));
    expect(from(folder)).toThrow('token <|image_pad|> has id 283 in tokenizer.json, expected 284');
  });

  test('levels that are not divided by 255', () => {
    const folder = changed('other-pixels', 'preprocessor_config.json', (json) => ({ ...json, rescale_factor: 1 }));
    expect(from(folder)).toThrow('rescale_factor is 1, expected 1/255');
  });

  test('a tokenizer without the marks of an image', () => {
    const folder = changed('no-marks', 'tokenizer.json', (json) => ({
      ...json,
      added_tokens: (json.added_tokens as { content: string }[]).filter(({ content }) => content !== '<|vision_end|>'),
    }));
    expect(from(folder)).toThrow('token <|vision_end|> has no id in tokenizer.json, expected');
  });

  test('weights that stop short, with nothing left loaded', async () => {
    const folder = changed('short', 'config.json', (json) => json);
    const file = join(folder, 'model-00002-of-00002.safetensors');
    writeFileSync(file, readFileSync(file).subarray(0, 60_000));
    const { leaked } = await countLeaks(() => expect(from(folder)).toThrow('model-00002-of-00002.safetensors'));
    expect(leaked).toBe(0);
  });
});

describe('the option', () => {
  test('replaces the shape of a new network, and is not mixed with it', () => {
    expect(config.network).toEqual({ from: published });
    expect(() => checkConfig({ ...shortConfig, network: { from: 'a', size: 'nano' } })).toThrow(
      'network.size: is unknown (known here: from, blocks, weights)',
    );
    expect(() => checkConfig({ ...shortConfig, network: { ...shortConfig.network, blocks: 1 } })).toThrow(
      'network.blocks: is unknown (known here: size, vocabulary',
    );
    expect(() => checkConfig({ ...guided, experts: { ...guided.experts, topK: 3 } })).toThrow('experts.topK: got 3');
    expect(applySettings(config, ['network.blocks=1']).network).toEqual({ from: published, blocks: 1 });
    expect(() => checkConfig({ ...shortConfig, network: 'nano' })).toThrow(
      'network: got "nano", expected a record of from, blocks, weights, or of size',
    );
  });
});
