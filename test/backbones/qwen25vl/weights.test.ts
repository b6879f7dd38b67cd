import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { initWeights } from '../../../src/backbones/init-weights.js';
import { runLanguage } from '../../../src/backbones/layers/decoder.js';
import { sizedConfig, sizes } from '../../../src/backbones/qwen25vl/sizes.js';
import { encodeImages } from '../../../src/backbones/qwen25vl/vision.js';
import { weightShapes } from '../../../src/backbones/qwen25vl/weight-shapes.js';
import { loadConfig, loadWeights } from '../../../src/backbones/qwen25vl/weights.js';
import { saveModel } from '../../../src/backbones/save-model.js';
import { countLeaks } from '../../../src/engine/memory.js';
import { randomStream } from '../../../src/engine/random.js';
import * as tf from '../../../src/engine/tf.js';
import { sameBits } from '../close.js';
import { folders } from './reference.js';

const scratch = mkdtempSync(join(tmpdir(), 'weights-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const tokens = { image: 1, video: 2, visionStart: 3, visionEnd: 4, pad: 0, end: 5 };
const config = sizedConfig('nano', { vocabSize: 40, tokens });

describe('new weights', () => {
  it('are normal of the published width, norms 1, biases 0, the padding row 0', () => {
    const weights = initWeights(config, randomStream(1, 'init'));
    tf.tidy(() => {
      for (const [name, weight] of Object.entries(weights)) {
        const { mean, variance } = tf.moments(weight);
        const [centre, spread] = [mean.dataSync()[0], Math.sqrt(variance.dataSync()[0])];
        if (weight.rank === 1) expect([centre, spread], name).toEqual([name.endsWith('bias') ? 0 : 1, 0]);
        else {
          expect(Math.abs(centre), name).toBeLessThan((5 * 0.02) / Math.sqrt(weight.size));
          expect(Math.abs(spread - 0.02), name).toBeLessThan(0.02 * (0.03 + 5 / Math.sqrt(2 * weight.size)));
        }
      }
      expect(tf.max(tf.abs(tf.slice(weights['model.embed_tokens.weight'], [0, 0], [1, -1]))).dataSync()[0]).toBe(0);
    });
    tf.dispose(weights);
  });

  it('are the same for the same seed and others for another', () => {
    const [a, b, c] = [1, 1, 2].map((seed) => initWeights(config, randomStream(seed, 'init')));
    const name = 'model.layers.0.mlp.up_proj.weight';
    expect(sameBits(a[name].dataSync(), b[name].dataSync())).toBe(true);
    expect(sameBits(a[name].dataSync(), c[name].dataSync())).toBe(false);
    tf.dispose([a, b, c]);
  });
});

test('branches that start at 0 leave every block as the identity, in the tower and in the language model', () => {
  const { vision, text, ...rest } = config;
  const quiet = { ...rest, vision: { ...vision, branchInitRange: 0 }, text: { ...text, branchInitRange: 0 } };
  const weights = initWeights(quiet, randomStream(1, 'init'));
  tf.tidy(() => {
    const embeddings = tf.randomNormal([2, 5, text.width], 0, 1, 'float32', 1) as tf.Tensor3D;
    const positions = tf.zeros([3, 2, 5], 'int32') as tf.Tensor3D;
    const { hiddenStates } = runLanguage(text, weights, {
      embeddings,
      positions,
      attention: 'causal',
      want: { hiddenStates: true },
    });
    for (const state of hiddenStates!.slice(0, -1))
      expect(sameBits(state.dataSync(), embeddings.dataSync())).toBe(true);
    const pixels = tf.randomUniform([1, 48, 48, 3], -1, 1, 'float32', 2) as tf.Tensor4D;
    const seen = encodeImages(vision, weights, { kind: 'pixels', pixels }, { want: { hiddenStates: true } });
    const [first, ...later] = seen.hiddenStates!.map((state) => state.dataSync());
    expect(later.length).toBe(vision.depth);
    for (const state of later) expect(sameBits(state, first)).toBe(true);
  });
  tf.dispose(weights);
});

describe('named sizes', () => {
  it.each(Object.keys(sizes) as (keyof typeof sizes)[])('%s fits its images and its heads', (name) => {
    const { vision, text } = sizedConfig(name, { vocabSize: 40, tokens });
    expect(sizes[name].imageSize % (vision.patchSize * vision.mergeSize)).toBe(0);
    expect(text.mropeSection.reduce((a, b) => a + b)).toBe(text.width / text.heads / 2);
    expect(text.mropeSection.every(Number.isInteger)).toBe(true);
    expect(2 * (sizes[name].imageSize / vision.patchSize / vision.mergeSize) ** 2).toBeLessThan(sizes[name].tokens);
  });

  it('refuses a name that is not in the table', () => {
    expect(() => sizedConfig('huge' as 'nano', { vocabSize: 40, tokens })).toThrow('expected nano | tiny | small');
  });
});

describe('a saved model', () => {
  it.each([
    ['one file', undefined],
    ['shards', 100_000],
  ])('comes back bit for bit from %s', (kind, shardBytes) => {
    const dir = join(scratch, kind);
    const weights = initWeights(config, randomStream(1, 'init'));
    saveModel(dir, config, weights, { shardBytes });
    expect(readdirSync(dir).filter((name) => name.endsWith('.safetensors')).length > 1).toBe(shardBytes !== undefined);
    expect(loadConfig(dir)).toEqual(config);
    const loaded = loadWeights(dir);
    expect(Object.keys(loaded).sort()).toEqual(Object.keys(weights).sort());
    for (const [name, weight] of Object.entries(weights))
      expect(sameBits(loaded[name].dataSync(), weight.dataSync()), name).toBe(true);
    tf.dispose([weights, loaded]);
  });

  it('keeps a stem of convolutions', () => {
    const convolved = sizedConfig('nano', {
      vocabSize: 40,
      tokens,
      stem: { kind: 'conv', channels: [8, 16, 16] },
    });
    const dir = join(scratch, 'convolved');
    const weights = initWeights(convolved, randomStream(1, 'init'));
    saveModel(dir, convolved, weights);
    expect(loadConfig(dir)).toEqual(convolved);
    tf.dispose([weights, loadWeights(dir)]);
    const config = readFileSync(join(dir, 'config.json'), 'utf8');
    writeFileSync(join(dir, 'config.json'), config.replace('"kind": "conv"', '"kind": "conv", "residual": 2'));
    expect(() => loadWeights(dir)).toThrow(
      /config\.json: vision_config\.stem\.residual is 2, expected none\. Train the network again\.$/,
    );
  });
});

describe('a folder that cannot be loaded is refused, and leaves nothing behind', () => {
  let copies = 0;
  /** A copy of the small folder (bfloat16 shards) with changed files. */
  function damaged(change: (dir: string) => void): string {
    const dir = join(scratch, `damaged-${copies++}`);
    cpSync(folders.fixture, dir, { recursive: true });
    change(dir);
    return dir;
  }
  const edit = (file: string, from: string, to: string) => (dir: string) => {
    const text = readFileSync(join(dir, file), 'utf8');
    expect(text).toContain(from);
    writeFileSync(join(dir, file), text.replace(from, to));
  };

  it.each<[string, (dir: string) => void, string | RegExp]>([
    [
      'a missing shard',
      (dir) => rmSync(join(dir, 'model-00002-of-00002.safetensors')),
      /00002-of-00002.safetensors: is listed in the index but missing/,
    ],
    ['no weights', (dir) => rmSync(join(dir, 'model.safetensors.index.json')), 'has neither model.safetensors nor'],
    ['no config', (dir) => rmSync(join(dir, 'config.json')), 'config.json: no such file'],
    ['a config that is not JSON', (dir) => writeFileSync(join(dir, 'config.json'), '{'), 'config.json: not JSON'],
    [
      'another model type',
      edit('config.json', '"qwen2_5_vl"', '"llama"'),
      'model_type is "llama", expected \'qwen2_5_vl\'',
    ],
    [
      'another vocabulary',
      edit('config.json', '"vocab_size": 304', '"vocab_size": 300'),
      'the embedding has 304 tokens, config.json says vocab_size 300',
    ],
    [
      'another width',
      edit('config.json', '"intermediate_size": 56', '"intermediate_size": 60'),
      /has the shape \[56,48\], config.json needs \[60,48\]/,
    ],
    [
      'a block too few',
      edit('config.json', '"num_hidden_layers": 2', '"num_hidden_layers": 3'),
      'has no tensor model.layers.2.self_attn.q_proj.weight',
    ],
    [
      'a missing setting',
      edit('config.json', '"num_hidden_layers": 2,', ''),
      'num_hidden_layers is missing, expected a number',
    ],
    [
      'sections that do not fit',
      edit('config.json', '   2\n  ]', '   3\n  ]'),
      'mrope_section is [1,1,3], expected three numbers that add up to 4',
    ],
    [
      'layers with windows',
      edit('config.json', '"hidden_act"', '"layer_types": ["full_attention", "sliding_attention"], "hidden_act"'),
      'layer_types is "sliding_attention", expected \'full_attention\'',
    ],
    ['another activation', edit('config.json', '"silu"', '"gelu"'), 'hidden_act is "gelu", expected \'silu\''],
  ])('%s', async (_, change, message) => {
    const dir = damaged(change);
    const { leaked } = await countLeaks(() => {
      expect(() => loadWeights(dir)).toThrow(message);
    });
    expect(leaked).toBe(0);
  });
});

it('every weight of the small folder is one that its config names', () => {
  const index = JSON.parse(readFileSync(join(folders.fixture, 'model.safetensors.index.json'), 'utf8'));
  const names = Object.keys(weightShapes(loadConfig(folders.fixture)));
  expect(names.sort()).toEqual(Object.keys(index.weight_map).sort());
});
