import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { logits, runLanguage } from '../../src/backbones/layers/decoder.js';
import type { Weights } from '../../src/engine/flat-weights.js';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { embedPrompt } from '../../src/generate/embed-prompt.js';
import { readHeader, readTensor } from '../../src/store/safetensors.js';
import { compare } from '../../src/verify/comparison.js';
import { adaptedModules, applyLora, initLora } from '../../src/weights/lora.js';
import { loadLora, saveLora } from '../../src/weights/lora-file.js';
import { gradients } from '../backbones/close.js';
import { folder, loadFolder } from '../backbones/folder.js';

const { config, weights: base } = loadFolder();
const published = join(folder, 'lora');
const reference = readHeader(join(published, 'expected.safetensors'));
const ids = [...readTensor(reference, 'ids')];
const dir = mkdtempSync(join(tmpdir(), 'lora-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
  tf.dispose(base);
});

function scores(weights: Weights): tf.Tensor2D {
  const { embeddings, positions } = embedPrompt({ config, weights }, { ids, images: [] });
  const { last } = runLanguage(config.text, weights, { embeddings, positions, attention: 'causal' });
  return logits(weights, tf.squeeze(last, [0]));
}

const options = { rank: 3, alpha: 6, targets: ['q_proj', 'layers.0.mlp.up_proj', 'attn.qkv'] };

describe('an adapter of peft', () => {
  it('gives the logits that peft computes, and loads without leaving tensors', async () => {
    const { leaked } = await countLeaks(() => {
      const adapter = loadLora(published, base);
      tf.tidy(() => {
        const agrees = (weights: Weights, fraction: number) =>
          compare('logits', scores(weights).dataSync(), readTensor(reference, 'logits'), fraction).ok;
        expect(agrees(applyLora(base, adapter), 1e-4)).toBe(true);
        expect(agrees(base, 0.01)).toBe(false);
      });
      expect(adapter.options).toEqual({ rank: 2, alpha: 5, targets: expect.arrayContaining(['q_proj', 'attn.proj']) });
      expect(adaptedModules(adapter).length).toBe(10);
      tf.dispose(adapter.weights);
    });
    expect(leaked).toBe(0);
  });

  it('is written as it was read', () => {
    const adapter = loadLora(published, base);
    saveLora(adapter, dir);
    const again = loadLora(dir, base);
    expect(again.options).toEqual(adapter.options);
    const keys = (file: string) => [...readHeader(join(file, 'adapter_model.safetensors')).tensors.keys()].sort();
    expect(keys(dir)).toEqual(keys(published));
    for (const [name, tensor] of Object.entries(adapter.weights)) {
      expect(again.weights[name].dataSync()).toEqual(tensor.dataSync());
    }
    tf.dispose([adapter.weights, again.weights]);
  });
});

describe('initLora', () => {
  it('changes nothing at first, adapts the projections named, and draws the same again', async () => {
    const { leaked } = await countLeaks(() => {
      const adapter = initLora(base, options, randomStream(1, 'lora'));
      expect(adaptedModules(adapter)).toEqual([
        ...[0, 1, 2].map((block) => `visual.blocks.${block}.attn.qkv`),
        'model.layers.0.self_attn.q_proj',
        'model.layers.0.mlp.up_proj',
        'model.layers.1.self_attn.q_proj',
      ]);
      tf.tidy(() => {
        expect(scores(applyLora(base, adapter)).dataSync()).toEqual(scores(base).dataSync());
      });
      const again = initLora(base, { ...options, targets: ['q_proj'] }, randomStream(1, 'lora'));
      const name = 'model.layers.1.self_attn.q_proj.lora_A.weight';
      expect(again.weights[name].dataSync()).toEqual(adapter.weights[name].dataSync());
      tf.dispose([adapter.weights, again.weights]);
    });
    expect(leaked).toBe(0);
  });

  it('names the option that is wrong', () => {
    const refused = (change: object) => () => initLora(base, { ...options, ...change }, randomStream(0, 'x'));
    expect(refused({ rank: 0 })).toThrow('lora.rank: got 0, expected an integer of at least 1.');
    expect(refused({ alpha: -1 })).toThrow('lora.alpha: got -1, expected a number above 0.');
    expect(refused({ targets: [] })).toThrow(/lora\.targets: got \[\]/);
    expect(refused({ targets: ['embed_tokens'] })).toThrow(/got "embed_tokens".* They end in .*q_proj \| /);
    expect(refused({ targets: ['_proj'] })).toThrow(/got "_proj"/);
  });
});

describe('applyLora', () => {
  it('trains apart: the loss falls, the base stays, and merged gives the same', () => {
    const targets = ['q_proj', 'layers.0.mlp.up_proj'];
    let adapter = initLora(base, { ...options, targets }, randomStream(2, 'lora'));
    const before = Object.fromEntries(Object.entries(base).map(([name, tensor]) => [name, tensor.dataSync().slice()]));
    const values: number[] = [];
    for (let step = 0; step < 5; step++) {
      const { weights } = adapter;
      const moved: Weights = tf.tidy(() => {
        const { value, grads } = gradients(weights, (encoder) =>
          tf.mean(tf.square(scores(applyLora(base, { ...adapter, weights: encoder })))),
        );
        values.push(value.dataSync()[0]);
        const names = Object.keys(weights);
        return Object.fromEntries(names.map((name) => [name, tf.sub(weights[name], tf.mul(grads[name], 0.2))]));
      });
      tf.dispose(weights);
      adapter = { ...adapter, weights: moved };
    }
    expect(values).toEqual([...values].sort((a, b) => b - a));
    expect(new Set(values).size).toBe(5);
    for (const [name, tensor] of Object.entries(base)) expect(tensor.dataSync()).toEqual(before[name]);
    tf.tidy(() => {
      const merged = applyLora(base, adapter);
      const [up, down] = ['B', 'A'].map((part) => adapter.weights[`model.layers.0.mlp.up_proj.lora_${part}.weight`]);
      const change = tf.mul(tf.matMul(up as tf.Tensor2D, down as tf.Tensor2D), 2);
      const name = 'model.layers.0.mlp.up_proj.weight';
      expect(compare(name, tf.sub(merged[name], base[name]).dataSync(), change.dataSync(), 1e-4)).toMatchObject({
        ok: true,
      });
      expect(merged['model.norm.weight']).toBe(base['model.norm.weight']);
    });
    tf.dispose(adapter.weights);
  });
});

describe('loadLora', () => {
  const copy = join(dir, 'copy');
  const refused = (from: string | RegExp, to: string) => {
    cpSync(published, copy, { recursive: true });
    const file = join(copy, 'adapter_config.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
    return () => loadLora(copy, base);
  };

  it('refuses in one sentence what it cannot follow', async () => {
    const { leaked } = await countLeaks(() => {
      expect(refused('"use_dora": false', '"use_dora": true')).toThrow(/use_dora: got true, expected none/);
      expect(refused('"rank_pattern": {}', '"rank_pattern": {"q_proj": 4}')).toThrow(/rank_pattern: got {"q_proj":4}/);
      expect(refused('"bias": "none"', '"bias": "all"')).toThrow(/bias: got "all", expected "none"/);
      expect(refused('"LORA"', '"IA3"')).toThrow(/peft_type: got "IA3"/);
      expect(refused('"r": 2', '"r": 4')).toThrow(/has the shape \[2,\d+\], the base and rank 4 need \[4,\d+\]/);
      const other = { ...base, 'model.layers.0.mlp.down_proj.weight': base['model.norm.weight'] };
      expect(() => loadLora(published, other)).toThrow(/down_proj\.lora_A\.weight does not adapt a projection/);
      expect(() => loadLora(join(dir, 'none'), base)).toThrow(/adapter_config\.json: no such file/);
    });
    expect(leaked).toBe(0);
  });

  const withSettings = (settings: object) => {
    const json = JSON.parse(readFileSync(join(published, 'adapter_config.json'), 'utf8'));
    return refused(/^.*$/s, JSON.stringify({ ...json, ...settings }));
  };

  // The ways of PEFT 0.21 that compute something else than base + alpha / rank * B A, or that start from a changed base.
  it.each([
    ...['pissa', 'pissa_niter_16', 'olora', 'loftq', 'corda', 'lora_ga', 'eva'].map((init_lora_weights) => ({
      init_lora_weights,
    })),
    { loftq_config: { loftq_bits: 4 } },
    { corda_config: { corda_method: 'kpm' } },
    { eva_config: { rho: 2 } },
    { lora_ga_config: { direction: 'ArB2r' } },
    { arrow_config: { top_k: 2 } },
    { kasa_config: { beta: 1 } },
    { alora_invocation_tokens: [1, 2] },
    { trainable_token_indices: [3] },
    { layer_replication: [[0, 1]] },
    { megatron_config: { tensor_model_parallel_size: 2 } },
    { modules_to_save: ['lm_head'] },
    { target_parameters: ['mlp.experts.down_proj'] },
    { use_rslora: true },
    { use_qalora: true },
    { lora_bias: true },
    { ensure_weight_tying: true },
    { of_a_newer_peft: 1 },
  ])('refuses %o with the remedy', (settings) => {
    const [key] = Object.keys(settings);
    expect(withSettings(settings)).toThrow(new RegExp(`adapter_config.json: ${key}: got .*merge_and_unload`));
  });

  it.each([
    { init_lora_weights: false },
    { init_lora_weights: 'gaussian' },
    { task_type: 'CAUSAL_LM', revision: 'main', lora_dropout: 0.1, inference_mode: false },
    { layers_to_transform: [0], layers_pattern: 'layers', exclude_modules: ['visual'] },
    { runtime_config: { ephemeral_gpu_offload: true }, qalora_group_size: 32, eva_config: null, of_a_newer_peft: [] },
  ])('loads with %o, which changes nothing', (settings) => {
    const adapter = withSettings(settings)();
    expect(adapter.options.rank).toBe(2);
    tf.dispose(adapter.weights);
  });

  it('takes the projections from the tensors where peft wrote a pattern', () => {
    const adapter = refused(/"target_modules": \[[^\]]*\]/, '"target_modules": ".*_proj"')();
    expect(adapter.options.targets).toContain('model.layers.0.self_attn.q_proj');
    tf.dispose(adapter.weights);
  });
});
