import { UserError } from '../../checks/error.js';
import type { Weights } from '../../engine/flat-weights.js';
import * as tf from '../../engine/tf.js';
import { type GgufFile, readGguf, readGgufTensor } from '../../store/gguf/gguf-file.js';
import { ggufTokenizer } from '../../text/gguf-tokenizer.js';
import { createTokenizer, type Tokenizer } from '../../text/tokenizer.js';
import { decoderShapes } from '../layers/decoder-shapes.js';
import type { LlamaConfig } from './config.js';

/** A Llama network and its tokenizer from one GGUF file. Dispose the weights when done. */
export interface GgufNetwork {
  config: LlamaConfig;
  weights: Weights;
  tokenizer: Tokenizer;
}

/**
 * Load a GGUF file of the Llama architecture, such as SmolLM2's. Quantised weights become float32.
 * @param blocks take the first ones alone. Default all
 * @throws UserError for another architecture, or a tensor that is missing or does not fit; no tensor stays loaded
 */
export async function loadGguf(path: string, { blocks }: { blocks?: number } = {}): Promise<GgufNetwork> {
  const source = await readGguf(path);
  const config = loadGgufConfig(source, blocks);
  const tokenizer = createTokenizer(ggufTokenizer(source), path);
  const weights: Weights = {};
  try {
    for (const [name, shape] of Object.entries(decoderShapes(config.text, config.tied))) {
      const stored = ggufName(name);
      const found = source.tensors.get(stored)?.shape;
      if (found?.join() !== shape.join())
        throw new UserError(
          `${path}: ${stored} has the shape [${found ?? 'missing'}], its settings need [${shape}]. Download it again.`,
        );
      weights[name] = tf.tensor(inPublishedOrder(name, readGgufTensor(source, stored), config), shape);
    }
  } catch (error) {
    tf.dispose(weights);
    throw error;
  }
  return { config, weights, tokenizer };
}

/** The settings that a GGUF file of the Llama architecture amounts to. @throws UserError for another architecture */
export function loadGgufConfig({ file, metadata, tensors }: GgufFile, blocks?: number): LlamaConfig {
  const architecture = metadata['general.architecture'];
  if (architecture !== 'llama')
    throw new UserError(
      `${file}: general.architecture is ${JSON.stringify(architecture)}, expected "llama". Take a model of that family.`,
    );
  const number = (name: string, otherwise?: number) => {
    const value = metadata[`llama.${name}`] ?? otherwise;
    if (typeof value !== 'number')
      throw new UserError(
        `${file}: llama.${name} is ${JSON.stringify(value) ?? 'missing'}, expected a number. Download it again.`,
      );
    return value;
  };
  const depth = number('block_count');
  if (blocks !== undefined && !(Number.isInteger(blocks) && blocks >= 1 && blocks <= depth))
    throw new UserError(`blocks: got ${blocks}, expected an integer from 1 to ${depth}, what ${file} has.`);
  const heads = number('attention.head_count');
  const width = number('embedding_length');
  const headWidth = number('rope.dimension_count', width / heads);
  const token = (name: string) => {
    const id = metadata[`tokenizer.ggml.${name}_token_id`];
    return typeof id === 'number' ? id : null;
  };
  const end = token('eos');
  return {
    family: 'llama',
    text: {
      vocabSize: tensors.get('token_embd.weight')?.shape[0] ?? number('vocab_size'),
      depth: blocks ?? depth,
      width,
      heads,
      keyValueHeads: number('attention.head_count_kv', heads),
      headWidth,
      feedForwardWidth: number('feed_forward_length'),
      // Stored as float32: 9.999999747378752e-6 was written as 1e-5.
      normEpsilon: Number(number('attention.layer_norm_rms_epsilon').toPrecision(7)),
      ropeTheta: number('rope.freq_base', 10_000),
      mropeSection: [headWidth / 2, 0, 0],
      attentionBias: false,
      maxPositions: number('context_length'),
      initRange: 0.02,
    },
    tied: !tensors.has('output.weight'),
    bosTokenId: token('bos'),
    eosTokenIds: end === null ? [] : [end],
    padTokenId: token('padding'),
  };
}

const parts: readonly [published: string, gguf: string][] = [
  ['self_attn.q_proj', 'attn_q'],
  ['self_attn.k_proj', 'attn_k'],
  ['self_attn.v_proj', 'attn_v'],
  ['self_attn.o_proj', 'attn_output'],
  ['mlp.gate_proj', 'ffn_gate'],
  ['mlp.up_proj', 'ffn_up'],
  ['mlp.down_proj', 'ffn_down'],
  ['input_layernorm', 'attn_norm'],
  ['post_attention_layernorm', 'ffn_norm'],
  ['model.embed_tokens', 'token_embd'],
  ['model.norm', 'output_norm'],
  ['lm_head', 'output'],
];

/** What llama.cpp calls a weight. */
function ggufName(name: string): string {
  const own = name.replace(/^model\.layers\.(\d+)\./, 'blk.$1.');
  return parts.reduce((given, [published, gguf]) => given.replace(published, gguf), own);
}

/**
 * llama.cpp turns neighbouring numbers of a head, published code its halves: queries and keys are stored with their rows interleaved,
 * and are put back here.
 */
function inPublishedOrder(name: string, values: Float32Array, { text }: LlamaConfig): Float32Array {
  if (!/\.[qk]_proj\.weight$/.test(name)) return values;
  const { width } = text;
  const half = text.headWidth! / 2;
  const rows = values.length / width;
  const out = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const head = Math.floor(row / (2 * half));
    const within = row % (2 * half);
    const stored = head * 2 * half + 2 * (within % half) + Math.floor(within / half);
    out.set(values.subarray(stored * width, (stored + 1) * width), row * width);
  }
  return out;
}
