import { type Json, reader, record, requireActivation, requireFullAttention, wrong } from '../layers/config-json.js';
import type { DecoderConfig } from '../layers/decoder-config.js';
import { decoderToJson } from '../layers/decoder-json.js';
import { ropeSettings } from '../layers/rope-json.js';
import { tokenIds } from '../layers/token-ids.js';
import type { PublishedConfig } from '../published-config.js';

/** A language model of the Llama family without images, such as SmolLM2. */
export interface LlamaConfig extends PublishedConfig {
  family: 'llama';
}

/** Read a `config.json` of Llama. @throws UserError naming the value that does not fit */
export function parseLlamaConfig(json: unknown, file: string): LlamaConfig {
  const top = record(json, file, 'the top level');
  return {
    family: 'llama',
    text: parseLlamaText(top, file),
    tied: top.tie_word_embeddings === true,
    ...tokenIds(top, top),
  };
}

/** The settings of a Llama decoder: positions count tokens, no biases. */
export function parseLlamaText(json: Json, file: string): DecoderConfig {
  requireActivation(json, file, 'silu');
  requireFullAttention(json, file);
  const read = reader(json, file);
  const rope = ropeSettings(json, file, ['default']);
  for (const name of ['attention_bias', 'mlp_bias'])
    if (json[name] === true) throw wrong(file, name, true, 'false', 'Biases are not supported.');
  const heads = read.number('num_attention_heads');
  const width = read.number('hidden_size');
  const headWidth = read.number('head_dim', width / heads);
  return {
    vocabSize: read.number('vocab_size'),
    depth: read.number('num_hidden_layers'),
    width,
    heads,
    keyValueHeads: read.number('num_key_value_heads', heads),
    headWidth,
    feedForwardWidth: read.number('intermediate_size'),
    normEpsilon: read.number('rms_norm_eps', 1e-6),
    ropeTheta: rope.theta(10_000),
    mropeSection: [headWidth / 2, 0, 0],
    attentionBias: false,
    maxPositions: read.number('max_position_embeddings', 2048),
    initRange: read.number('initializer_range', 0.02),
  };
}

/** What `parseLlamaText` reads. */
export function llamaTextToJson(config: PublishedConfig): Json {
  const { ropeTheta } = config.text;
  return {
    model_type: 'llama',
    ...decoderToJson(config),
    // Older versions of transformers read the one, newer ones the other.
    rope_theta: ropeTheta,
    rope_parameters: { rope_type: 'default', rope_theta: ropeTheta },
    attention_bias: false,
    mlp_bias: false,
  };
}

/** Write a `config.json` that transformers reads. */
export function llamaToJson(config: LlamaConfig): Json {
  return {
    architectures: ['LlamaForCausalLM'],
    dtype: 'float32',
    tie_word_embeddings: config.tied,
    ...llamaTextToJson(config),
  };
}
