import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { withSettings } from '../../src/config/check-config.js';
import type { MoonConfig } from '../../src/config/config.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { findCheckpoint, loadEncoder } from '../../src/encoder/checkpoints.js';
import { type Encoder, sequenceOptions } from '../../src/encoder/encoder.js';
import { startNetwork } from '../../src/encoder/start-network.js';
import { unflatten, type Weights } from '../../src/engine/flat-weights.js';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { buildBatch, uploadBatch } from '../../src/moon/batch.js';
import { batchOptions, embedBatch } from '../../src/moon/model.js';
import { productSequence } from '../../src/moon/sequence.js';
import { partOf } from '../../src/moon/weight-names.js';
import type { Pixels } from '../../src/pictures/picture-store.js';
import { readState } from '../../src/train/run/checkpoint.js';
import { trainRun } from '../../src/train/run/train-run.js';
import type { TuneOption } from '../../src/train/tuning/option.js';
import { openTuning } from '../../src/train/tuning/tuning.js';
import { adaptedModules, applyLora } from '../../src/weights/lora.js';
import { loadLora } from '../../src/weights/lora-file.js';
import { digits, shopOptions, shortConfig } from './run/short-run.js';

const published = join('test', 'fixtures', 'qwen-folder');
const root = mkdtempSync(join(tmpdir(), 'moon-tuning-'));
process.env.MOON_CACHE = join(root, 'cache');
afterAll(() => {
  delete process.env.MOON_CACHE;
});
const shop = generateShop(shopOptions);
const tuned = (tune: TuneOption): MoonConfig => ({
  ...withSettings(shortConfig, { network: { from: published }, imageSize: 16 }),
  experts: { kind: 'guided', count: 4, topK: 1, blocks: [1] },
  tune,
});
const distance = (a: tf.Tensor, b: tf.Tensor) => tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]);
const options = { every: 4, keep: 9 };
const lora = {
  kind: 'lora',
  rank: 2,
  alpha: 4,
  targets: ['q_proj', 'o_proj', 'down_proj', 'gate_up_proj', 'qkv'],
} as const;

const every: [string, TuneOption][] = [
  ['full', { kind: 'full' }],
  ['connector', { kind: 'connector' }],
  ['parts', { kind: 'parts', parts: ['language', 'router'] }],
  ['lora', lora],
  // The weights of the folder are stored as bfloat16, so that rounding changes none.
  ['lora beside weights in bfloat16', { ...lora, frozen: 'bfloat16' }],
];

/** Weights that the loss of the test below does not use. */
const unused = /temperature|lm_head|mlp\.gate\.weight|_proj$/i;
const reading = (encoder: Encoder) => sequenceOptions(encoder, { boxOf: () => undefined } as unknown as Pixels);

describe.each(every)('tuning %s', (_, tune) => {
  test('starts at the weights of the network, and frees everything', async () => {
    const { leaked } = await countLeaks(() => {
      const encoder = startNetwork(tuned(tune), shop);
      const tuning = openTuning(encoder);
      const trained = tuning.start();
      const parameters = tuning.parametersOf(trained);
      expect(distance(parameters, encoder.parameters)).toBe(0);
      expect(trained.size).toBe(tuning.layout.sizes.reduce((sum, size) => sum + size, 0));
      tuning.dispose();
      tf.dispose([trained, parameters, encoder.parameters]);
    });
    expect(leaked).toBe(0);
  });

  test('a step has the loss and the gradient of the network with the adapter merged', () => {
    const config = { ...tuned(tune), attention: 'causal' } as const;
    const encoder = startNetwork(config, shop);
    const { model, layout } = encoder;
    const tuning = openTuning(encoder);
    tf.tidy(() => {
      const sequences = shop.products.slice(0, 3).map((product) => productSequence(product, reading(encoder)));
      const batch = buildBatch(sequences, batchOptions(model));
      const pixels = tf.randomUniform([batch.pictures, 16, 16, 3], 0, 1, 'float32', 4) as tf.Tensor4D;
      const tensors = uploadBatch(batch, pixels);
      const pull = tf.randomNormal([3, 48], 0, 1, 'float32', 5);
      const loss = (weights: Weights) => {
        const { embeddings } = embedBatch(model, weights, batch, tensors);
        return tf.sum(tf.mul(embeddings, pull)) as tf.Scalar;
      };
      const { size } = tuning.start();
      // Away from the start, where B is zero, so that both matrices have a gradient.
      const at = tf.add(tuning.start(), tf.randomNormal([size], 0, 0.1, 'float32', 1)) as tf.Tensor1D;
      const { frozen } = tuning;
      const step = tf.valueAndGrad((x) => loss(tuning.weightsOf({ trained: x as tf.Tensor1D, frozen })))(at);
      const merged = tf.valueAndGrad((x) => loss(unflatten(tuning.parametersOf(x as tf.Tensor1D), layout)))(at);
      expect(distance(step.value, merged.value)).toBeLessThan(2e-6);
      const largest = tf.max(tf.abs(merged.grad)).dataSync()[0];
      expect(largest).toBeGreaterThan(0.01);
      expect(distance(step.grad, merged.grad) / largest).toBeLessThan(1e-4);
      // No weight is trained in vain, but for the temperature and experts whose tokens this batch lacks.
      const zero = Object.entries(unflatten(step.grad as tf.Tensor1D, tuning.layout)).flatMap(([name, gradient]) =>
        tf.max(tf.abs(gradient)).dataSync()[0] === 0 ? [name] : [],
      );
      expect(zero.filter((name) => !unused.test(name))).toEqual([]);
    });
    tuning.dispose();
    encoder.parameters.dispose();
  });
});

describe('a run', () => {
  const train = async (run: string, config: MoonConfig, more: object = {}) => {
    const { encoder } = await trainRun(run, config, shop, { ...options, ...more });
    encoder.parameters.dispose();
  };
  const weightsOf = (run: string): Weights => {
    const { parameters, layout } = loadEncoder(run);
    return unflatten(parameters, layout);
  };
  const startOf = (config: MoonConfig): Weights => {
    const { parameters, layout } = startNetwork(config, shop);
    return unflatten(parameters, layout);
  };

  test('of LoRA resumes bit for bit, with a state of the trained numbers alone', async () => {
    const [whole, again] = ['whole', 'again'].map((name) => join(root, name));
    await train(whole, tuned(lora));
    const controller = new AbortController();
    await train(again, tuned(lora), {
      signal: controller.signal,
      onStep: ({ step }: { step: number }) => step === 5 && controller.abort(),
    });
    await train(again, tuned(lora), { resume: true });
    expect(digits(again)).toEqual(digits(whole));
    const state = (run: string) => join(findCheckpoint(run, 'last'), 'state.safetensors');
    expect(readFileSync(state(again)).equals(readFileSync(state(whole)))).toBe(true);
    const { tensors } = readState(findCheckpoint(whole, 'last'));
    const { parameters } = loadEncoder(whole);
    expect(tensors.mean.size).toBeLessThan(parameters.size / 4);
    tf.dispose([tensors, parameters]);
  }, 120_000);

  test('beside frozen weights in bfloat16 is the same run, with recomputed blocks too', async () => {
    const [half, again] = ['half', 'half again'].map((name) => join(root, name));
    const config = tuned({ ...lora, frozen: 'bfloat16' });
    await train(half, config);
    expect(digits(half)).toEqual(digits(join(root, 'whole')));
    await train(again, { ...config, engine: { ...config.engine, checkpoint: true } });
    const losses = (run: string) => digits(run).map(({ loss }) => loss);
    for (const [at, loss] of losses(again).entries()) expect(loss).toBeCloseTo(losses(half)[at], 3);
    tf.tidy(() => {
      const [packed, plain] = [weightsOf(half), weightsOf(join(root, 'whole'))];
      for (const [name, weight] of Object.entries(plain)) expect(distance(packed[name], weight), name).toBe(0);
    });
  }, 120_000);

  test('saves the merged network, and the adapter that makes it from the start', () => {
    tf.tidy(() => {
      const start = startOf(tuned(lora));
      const merged = weightsOf(join(root, 'whole'));
      const folder = join(findCheckpoint(join(root, 'whole'), 'last'), 'adapter');
      const adapter = loadLora(folder, start);
      const modules = new Set(adaptedModules(adapter));
      expect([...modules].some((name) => name.endsWith('.gate_up_proj'))).toBe(true);
      const own = applyLora(start, adapter);
      for (const [name, weight] of Object.entries(merged)) {
        if (['router', 'temperature'].includes(partOf(name))) continue;
        expect(distance(own[name], weight), name).toBeLessThan(1e-6);
        const adapted = modules.has(name.replace(/\.weight$/, ''));
        expect(distance(start[name], weight) > 0, name).toBe(adapted);
      }
    });
  });

  test('of the connector changes it and the temperature, and nothing else', async () => {
    const run = join(root, 'connector');
    await train(run, tuned({ kind: 'connector' }));
    tf.tidy(() => {
      const start = startOf(tuned({ kind: 'connector' }));
      const changed = Object.entries(weightsOf(run)).filter(([name, weight]) => distance(start[name], weight) > 0);
      expect(new Set(changed.map(([name]) => partOf(name)))).toEqual(new Set(['projector', 'temperature']));
    });
  }, 60_000);
});

test('targets and parts that the network lacks are refused', () => {
  const opened = (tune: TuneOption, experts: MoonConfig['experts'] = { kind: 'none' }) => {
    const encoder = startNetwork({ ...tuned(tune), experts }, shop);
    try {
      openTuning(encoder);
    } finally {
      encoder.parameters.dispose();
    }
  };
  expect(() => opened({ ...lora, targets: ['q_prj'] })).toThrow('lora.targets: got "q_prj", expected names of');
  expect(() => opened({ kind: 'parts', parts: ['router'] })).toThrow('tune.parts: got ["router"], expected parts of');
});
