import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadNetwork, type Network } from '../../src/backbones/families.js';
import { runLanguage } from '../../src/backbones/layers/decoder.js';
import { smolvlm } from '../../src/backbones/smolvlm/family.js';
import { startEngine } from '../../src/engine/engine.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { embedPrompt } from '../../src/generate/embed-prompt.js';
import { writeSafetensors } from '../../src/store/safetensors.js';
import { inOwnProcess, interleave, ratioRow, startRival } from './rival.js';
import type { Bench, BenchRow } from './table.js';

const NAME = 'SmolVLM-256M';
const SIDE = 512;
const TOKENS = 32;

/** The sizes of SmolVLM-256M (arXiv 2504.05299). */
const sizes = {
  model_type: 'idefics3',
  architectures: ['Idefics3ForConditionalGeneration'],
  image_token_id: 49190,
  scale_factor: 4,
  tie_word_embeddings: false,
  text_config: {
    model_type: 'llama',
    hidden_size: 576,
    intermediate_size: 1536,
    num_hidden_layers: 30,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    head_dim: 64,
    vocab_size: 49280,
    rms_norm_eps: 1e-5,
    rope_theta: 100_000,
    max_position_embeddings: 8192,
    tie_word_embeddings: false,
  },
  vision_config: {
    model_type: 'idefics3_vision',
    hidden_size: 768,
    intermediate_size: 3072,
    num_hidden_layers: 12,
    num_attention_heads: 12,
    image_size: SIDE,
    patch_size: 16,
    hidden_act: 'gelu_pytorch_tanh',
  },
};

/**
 * A network with the sizes of SmolVLM-256M and random weights in bfloat16, as published: loading it, the peak memory of that, and the
 * hidden states of a picture with a text, beside transformers on PyTorch.
 */
export const rows: Bench = async ({ python }) => {
  await startEngine();
  const folder = await mkdtemp(join(tmpdir(), 'moon-bench-'));
  const rival = python ? await startRival(python, new URL('./pretrained.py', import.meta.url)) : undefined;
  if (rival) console.error(`rival: ${rival.about}`);
  try {
    writeNetwork(folder);
    const asked = rival && {
      ...rival,
      measure: (what: string) => rival.measure(JSON.stringify({ what, folder, side: SIDE, tokens: TOKENS })),
    };
    const loading = await interleave('load', load(folder), asked, { unit: 's (less is better)' });
    const network = loadNetwork(folder);
    const states = await interleave('states', hiddenStates(network), asked, { unit: 'ms (less is better)' });
    const weights = Object.values(network.weights).reduce((sum, { size }) => sum + size * 4, 0) / 1e6;
    tf.dispose(network.weights);
    const peak = await inOwnProcess(`load-memory:${folder}`);
    const memory = ratioRow('', [peak], asked && [await asked.measure('peak')], 'MB (less is better)');
    return [
      named(loading, 'load, warm'),
      named({ ...memory, spread: undefined }, 'load, memory at its peak above that before'),
      named(ratioRow('', [peak / weights], undefined, 'of the weights in float32 (less is better)'), 'load, the same'),
      named(states, `hidden states of a picture of ${SIDE} px and ${TOKENS} tokens`),
    ];
  } finally {
    rival?.stop();
    await rm(folder, { recursive: true });
  }
};

const named = (row: BenchRow, name: string): BenchRow => ({ ...row, name: `${NAME}: ${name}` });

/** The name that transformers has for a weight of this family. */
function publishedName(name: string): string {
  if (name.startsWith('lm_head')) return name;
  return name
    .replace(/^model\./, 'model.text_model.')
    .replace(/^visual\.merger\./, 'model.connector.')
    .replace(/^visual\./, 'model.vision_model.');
}

function writeNetwork(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(sizes));
  const shapes = smolvlm.weightShapes(smolvlm.parseConfig(sizes, 'config.json'));
  const draw = randomStream(1, 'weights');
  const drawn = Uint16Array.from(
    { length: 1 << 16 },
    () => new Uint32Array(Float32Array.of(0.02 * draw.normal()).buffer)[0] >>> 16,
  );
  writeSafetensors(
    join(folder, 'model.safetensors'),
    Object.entries(shapes).map(([name, shape]) => ({
      name: publishedName(name),
      shape,
      dtype: 'BF16' as const,
      values: () => {
        const values = new Uint16Array(shape.reduce((product, side) => product * side, 1));
        for (let at = 0; at < values.length; at += drawn.length)
          values.set(drawn.subarray(0, Math.min(drawn.length, values.length - at)), at);
        return new Uint8Array(values.buffer);
      },
    })),
  );
}

const load = (folder: string) => () => {
  const started = performance.now();
  const { weights } = loadNetwork(folder);
  const seconds = (performance.now() - started) / 1000;
  tf.dispose(weights);
  return seconds;
};

function hiddenStates(network: Network) {
  const draw = randomStream(1, 'pixels');
  const pixels = Float32Array.from({ length: SIDE * SIDE * 3 }, () => draw.normal());
  const visual = (SIDE / 16 / sizes.scale_factor) ** 2;
  const ids = [...Array(visual).fill(sizes.image_token_id), ...Array.from({ length: TOKENS }, (_, at) => 100 + at)];
  const image = { kind: 'tile', pixels, side: SIDE, width: SIDE, height: SIDE } as const;
  return () => {
    const started = performance.now();
    tf.tidy(() => {
      const { embeddings, positions } = embedPrompt(network, { ids, images: [image] });
      const { last } = runLanguage(network.config.text, network.weights, {
        embeddings,
        positions,
        attention: 'causal',
      });
      last.dataSync();
    });
    return performance.now() - started;
  };
}
