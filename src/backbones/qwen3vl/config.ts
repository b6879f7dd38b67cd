import { type Json, reader, record, requireActivation, requireFullAttention, wrong } from '../layers/config-json.js';
import { decoderToJson } from '../layers/decoder-json.js';
import { checkMropeSection, ropeSettings } from '../layers/rope-json.js';
import { tokenIds } from '../layers/token-ids.js';
import type { PublishedConfig } from '../published-config.js';

/** The vision tower of Qwen3-VL (arXiv 2511.21631): learned and axial positions, full attention, deepstack. */
export interface Qwen3VisionConfig {
  depth: number;
  width: number;
  heads: number;
  feedForwardWidth: number;
  /** Width of the tokens that the merger passes to the language model. */
  outWidth: number;
  patchSize: number;
  /** Frames per patch. A still image is repeated to fill them. */
  temporalPatchSize: number;
  /** Patches along each side that are merged into one token. */
  mergeSize: number;
  channels: number;
  /** Learned positions of a square grid, interpolated to an image's own grid. */
  positions: number;
  /** Blocks whose output, merged, is added after the first decoder blocks, in this order. */
  deepstackBlocks: number[];
}

export interface Qwen3Config extends PublishedConfig {
  family: 'qwen3_vl';
  vision: Qwen3VisionConfig;
  imageTokenId: number;
}

/** Read a `config.json` of Qwen3-VL. @throws UserError naming the value that does not fit */
export function parseQwen3Config(json: unknown, file: string): Qwen3Config {
  const top = record(json, file, 'the top level');
  const text = record(top.text_config, file, 'text_config');
  const read = reader(text, file);
  requireActivation(text, file, 'silu');
  requireFullAttention(text, file);
  const rope = ropeSettings(text, file, ['default', 'mrope']);
  const heads = read.number('num_attention_heads');
  const width = read.number('hidden_size');
  const config: Qwen3Config = {
    family: 'qwen3_vl',
    text: {
      vocabSize: read.number('vocab_size'),
      depth: read.number('num_hidden_layers'),
      width,
      heads,
      keyValueHeads: read.number('num_key_value_heads', heads),
      headWidth: read.number('head_dim', width / heads),
      feedForwardWidth: read.number('intermediate_size'),
      normEpsilon: read.number('rms_norm_eps', 1e-6),
      ropeTheta: rope.theta(5_000_000),
      mropeSection: rope.mropeSection([24, 20, 20]),
      mropeInterleaved: true,
      queryKeyNorm: true,
      attentionBias: text.attention_bias === true,
      outputBias: text.attention_bias === true,
      maxPositions: read.number('max_position_embeddings', 128_000),
      initRange: read.number('initializer_range', 0.02),
    },
    tied: top.tie_word_embeddings === true || text.tie_word_embeddings === true,
    vision: parseVision(record(top.vision_config ?? {}, file, 'vision_config'), file),
    imageTokenId: reader(top, file).number('image_token_id', 151_655),
    ...tokenIds(top, text),
  };
  const { vision, text: decoder } = config;
  checkMropeSection(decoder.mropeSection, decoder.headWidth!, file);
  if (vision.outWidth !== width)
    throw wrong(file, 'vision_config.out_hidden_size', vision.outWidth, `the text's hidden_size (${width})`);
  if (!Number.isInteger(Math.sqrt(vision.positions)))
    throw wrong(file, 'vision_config.num_position_embeddings', vision.positions, 'a square number');
  return config;
}

function parseVision(json: Json, file: string): Qwen3VisionConfig {
  const read = reader(json, file);
  requireActivation(json, file, 'gelu_pytorch_tanh', 'vision_config.hidden_act');
  return {
    depth: read.number('depth', 27),
    width: read.number('hidden_size', 1152),
    heads: read.number('num_heads', 16),
    feedForwardWidth: read.number('intermediate_size', 4304),
    outWidth: read.number('out_hidden_size', 3584),
    patchSize: read.number('patch_size', 16),
    temporalPatchSize: read.number('temporal_patch_size', 2),
    mergeSize: read.number('spatial_merge_size', 2),
    channels: read.number('in_channels', 3),
    positions: read.number('num_position_embeddings', 2304),
    deepstackBlocks: read.numbers('deepstack_visual_indexes', [8, 16, 24]),
  };
}

/** Write a `config.json` that transformers reads. */
export function qwen3ToJson(config: Qwen3Config): Json {
  const { vision, text } = config;
  return {
    architectures: ['Qwen3VLForConditionalGeneration'],
    model_type: 'qwen3_vl',
    dtype: 'float32',
    tie_word_embeddings: config.tied,
    image_token_id: config.imageTokenId,
    text_config: {
      model_type: 'qwen3_vl_text',
      ...decoderToJson(config),
      attention_bias: text.attentionBias === true,
      rope_parameters: {
        rope_type: 'default',
        rope_theta: text.ropeTheta,
        mrope_section: text.mropeSection,
        mrope_interleaved: true,
      },
      tie_word_embeddings: config.tied,
    },
    vision_config: {
      model_type: 'qwen3_vl_vision',
      depth: vision.depth,
      hidden_size: vision.width,
      num_heads: vision.heads,
      intermediate_size: vision.feedForwardWidth,
      hidden_act: 'gelu_pytorch_tanh',
      out_hidden_size: vision.outWidth,
      patch_size: vision.patchSize,
      temporal_patch_size: vision.temporalPatchSize,
      spatial_merge_size: vision.mergeSize,
      in_channels: vision.channels,
      num_position_embeddings: vision.positions,
      deepstack_visual_indexes: vision.deepstackBlocks,
    },
  };
}
