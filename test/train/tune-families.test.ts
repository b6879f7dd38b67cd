import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withSettings } from '../../src/config/check-config.js';
import type { MoonConfig } from '../../src/config/config.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { findCheckpoint, loadEncoder } from '../../src/encoder/checkpoints.js';
import { sequenceOptions } from '../../src/encoder/encoder.js';
import { unflatten } from '../../src/engine/flat-weights.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { buildBatch, uploadBatch } from '../../src/moon/batch.js';
import { batchOptions, embedBatch } from '../../src/moon/model.js';
import { productSequence, type Sequence } from '../../src/moon/sequence.js';
import type { Pixels } from '../../src/pictures/picture-store.js';
import { trainRun } from '../../src/train/run/train-run.js';
import { peftPython, sharedData } from '../needs.js';
import { writeEncoder } from '../pictures/onnx-file.js';
import { digits, shopOptions, shortConfig } from './run/short-run.js';

const root = mkdtempSync(join(tmpdir(), 'moon-families-'));
const shop = generateShop(shopOptions);
const own = (name: string) => join('test', 'fixtures', `${name}-folder`);

/** Each family's own folder, and a published one of other sizes beside the clone. */
const families: [name: string, from: string, imageSize: number, needs: 'data'[]][] = [
  ['Qwen2.5-VL', own('qwen'), 24, []],
  ['Qwen3-VL', own('qwen3-vl'), 32, []],
  ['SmolVLM', own('smolvlm'), 48, []],
  ['Llama', own('llama'), 24, []],
  ['the published Qwen3-VL', `${sharedData}/qwen3-vl-tiny-random`, 64, ['data']],
];

const hasTower = (name: string) => name !== 'Llama';

function tuned(name: string, from: string, imageSize: number, experts: MoonConfig['experts']): MoonConfig {
  const vision = { kind: 'onnx', model: join(root, 'model.onnx'), width: 3, pool: 2 } as const;
  return {
    ...withSettings(shortConfig, { network: { from }, imageSize, vision: { mirrored: false } }),
    ...(hasTower(name) ? {} : { vision }),
    attention: 'causal',
    experts,
    tune: {
      kind: 'lora',
      rank: 2,
      alpha: 4,
      targets: ['q_proj', 'v_proj', 'down_proj', ...(experts.kind === 'none' ? [] : ['gate_up_proj'])],
    },
  };
}

const guided = { kind: 'guided', count: 4, topK: 1, blocks: [1] } as const;
const train = async (run: string, config: MoonConfig, more: object = {}) => {
  const { encoder } = await trainRun(run, config, shop, { every: 4, keep: 9, ...more });
  encoder.parameters.dispose();
};
const withoutRegions = { boxOf: () => undefined } as unknown as Pixels;
const whole = { x1: 0, y1: 0, x2: 1, y2: 1 };

/** Embeddings of three products of a run, and what Python needs to compute them too. */
function embedded(run: string, pictured: boolean) {
  return tf.tidy(() => {
    const encoder = loadEncoder(run);
    const { model, parameters, layout } = encoder;
    const side = model.imageSize;
    const read = { ...sequenceOptions(encoder, withoutRegions), ...(pictured ? { region: () => whole } : {}) };
    const draw = randomStream(1, 'pixels');
    const pixels = Float32Array.from({ length: side * side * 3 }, () => draw.uniform());
    const sequences = shop.products
      .slice(0, 3)
      .map((each) => productSequence(pictured ? each : { ...each, images: [] }, read));
    const vectors = sequences.map((sequence) => {
      const batch = buildBatch([sequence], { ...batchOptions(model), bucket: 1 });
      const shown = tf.tile(tf.tensor4d(pixels, [1, side, side, 3]), [batch.pictures, 1, 1, 1]) as tf.Tensor4D;
      const input = batch.pictures ? shown : tf.zeros([0, side, side, 3]);
      return [
        ...embedBatch(model, unflatten(parameters, layout), batch, uploadBatch(batch, input)).embeddings.dataSync(),
      ];
    });
    const image = (tf.reshape(tf.tensor1d(pixels), [side, side, 3]) as tf.Tensor3D).arraySync();
    const described = sequences.map(({ segments }: Sequence) => ({
      ids: segments.flatMap(({ ids }) => ids),
      aspects: segments.flatMap(({ aspect, ids }) => ids.map(() => aspect)),
      images: segments.flatMap((segment) => (segment.image ? [image] : [])),
    }));
    return { vectors, sequences: described };
  });
}

/** The same embeddings in Python, by the saved model and by PEFT's adapter beside the published network. */
function inPython(requests: object[]): { merged: number[][]; alone: number[][]; adapter: number[][] }[] {
  const file = join(root, 'requests.json');
  writeFileSync(file, JSON.stringify(requests));
  return JSON.parse(execFileSync(peftPython, [join('test', 'train', 'check-tuned.py'), file], { encoding: 'utf8' }));
}

const furthest = (a: number[][], b: number[][]) =>
  Math.max(...a.flatMap((row, at) => row.map((value, place) => Math.abs(value - b[at][place]))));

describe.each(families)('%s, tuned by LoRA', (name, from, imageSize, needs) => {
  const [run, again, dense] = ['guided', 'again', 'dense'].map((kind) => join(root, `${name} ${kind}`));
  beforeAll(() => {
    process.env.MOON_CACHE = join(root, 'cache');
    writeEncoder(join(root, 'model.onnx'), 8, 2);
  });
  afterAll(() => {
    delete process.env.MOON_CACHE;
  });

  test('with guided experts resumes bit for bit', { timeout: 120_000, tags: needs }, async () => {
    const config = tuned(name, from, imageSize, guided);
    await train(run, config);
    const controller = new AbortController();
    const onStep = ({ step }: { step: number }) => step === 5 && controller.abort();
    await train(again, config, { signal: controller.signal, onStep });
    await train(again, config, { resume: true });
    expect(digits(again)).toEqual(digits(run));
    const state = (of: string) => readFileSync(join(findCheckpoint(of, 'last'), 'state.safetensors'));
    expect(state(again).equals(state(run))).toBe(true);
  });

  test('has the same embeddings in transformers, in peft, and with experts in the Python file of its model folder', {
    timeout: 120_000,
    tags: ['peft', ...needs],
  }, async () => {
    await train(dense, tuned(name, from, imageSize, { kind: 'none' }));
    const last = (of: string, part: string) => join(findCheckpoint(of, 'last'), part);
    const ours = [run, dense].map((of) => embedded(of, hasTower(name)));
    const [withExperts, without] = inPython([
      { model: last(run, 'model'), adapter: null, sequences: ours[0].sequences },
      {
        model: last(dense, 'model'),
        base: from,
        adapter: last(dense, 'adapter'),
        alone: true,
        sequences: ours[1].sequences,
      },
    ]);
    expect(ours[0].sequences[0].ids.length).toBeGreaterThan(12);
    expect(furthest(ours[0].vectors, withExperts.merged)).toBeLessThan(1e-4);
    expect(furthest(ours[1].vectors, without.merged)).toBeLessThan(1e-4);
    expect(furthest(ours[1].vectors, without.alone)).toBeLessThan(1e-4);
    expect(furthest(ours[1].vectors, without.adapter)).toBeLessThan(1e-4);
  });
});
