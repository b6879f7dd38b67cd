import { UserError } from '../../checks/error.js';
import type { Stem } from '../../pictures/tower-option.js';
import {
  type Json,
  type Reader,
  reader,
  record,
  requireActivation,
  requireFullAttention,
  wrong,
} from '../layers/config-json.js';
import type { DecoderConfig } from '../layers/decoder-config.js';
import { decoderToJson } from '../layers/decoder-json.js';
import { checkMropeSection, ropeSettings } from '../layers/rope-json.js';
import { tokenIds } from '../layers/token-ids.js';
import type { QwenConfig, VisionConfig } from './config.js';

/**
 * Parse a `config.json` of Qwen2.5-VL. Accepts both layouts: text settings at the top level with `rope_theta` and `rope_scaling`, or nested
 * in `text_config` with `rope_parameters`. Missing settings have their published defaults.
 * @param file path shown in errors
 * @throws UserError for another model type, a missing or indivisible width, or an unknown activation
 */
export function parseConfig(json: unknown, file: string): QwenConfig {
  const top = record(json, file, 'the top level');
  if (top.model_type !== 'qwen2_5_vl')
    throw wrong(file, 'model_type', top.model_type, "'qwen2_5_vl'", 'Give the folder of a Qwen2.5-VL model.');
  const text = top.text_config === undefined ? top : record(top.text_config, file, 'text_config');
  const read = reader(top, file);
  const inText = reader(text, file);
  const config: QwenConfig = {
    vision: parseVision(record(top.vision_config ?? {}, file, 'vision_config'), inText.number('hidden_size'), file),
    text: parseText(text, inText, file),
    tied: top.tie_word_embeddings === true || text.tie_word_embeddings === true,
    imageTokenId: read.number('image_token_id', 151655),
    videoTokenId: read.number('video_token_id', 151656),
    visionStartTokenId: read.number('vision_start_token_id', 151652),
    visionEndTokenId: read.number('vision_end_token_id', 151653),
    ...tokenIds(top, text),
  };
  checkConfig(config, file);
  return config;
}

function parseVision(json: Json, textWidth: number, file: string): VisionConfig {
  const read = reader(json, file);
  requireActivation(json, file, 'silu');
  return {
    depth: read.number('depth', 32),
    width: read.number('hidden_size', 3584),
    heads: read.number('num_heads', 16),
    feedForwardWidth: read.number('intermediate_size', 3420),
    outWidth: read.number('out_hidden_size', textWidth),
    patchSize: read.number('patch_size', 14),
    temporalPatchSize: read.number('temporal_patch_size', 2),
    mergeSize: read.number('spatial_merge_size', 2),
    channels: read.number(json.in_channels === undefined ? 'in_chans' : 'in_channels', 3),
    windowSize: read.number('window_size', 112),
    fullAttentionBlocks: read.numbers('fullatt_block_indexes', [7, 15, 23, 31]),
    tokensPerSecond: read.number('tokens_per_second', 4),
    initRange: read.number('initializer_range', 0.02),
    stem: parseStem(json.stem, file),
  };
}

/** The stem is a setting of moon-lab; published files have none. */
function parseStem(json: unknown, file: string): Stem {
  if (json === undefined) return { kind: 'patch' };
  const stem = record(json, file, 'vision_config.stem');
  if (stem.kind === 'conv') {
    if (stem.residual)
      throw new UserError(
        `${file}: vision_config.stem.residual is ${JSON.stringify(stem.residual)}, expected none. Train the network again.`,
      );
    return { kind: 'conv', channels: reader(stem, file).numbers('channels') };
  }
  if (stem.kind !== 'patch') throw wrong(file, 'vision_config.stem.kind', stem.kind, "'patch' or 'conv'");
  return { kind: 'patch' };
}

function parseText(json: Json, read: Reader, file: string): DecoderConfig {
  requireActivation(json, file, 'silu');
  requireFullAttention(json, file);
  if (json.use_sliding_window === true)
    throw wrong(file, 'use_sliding_window', true, 'false', 'Sliding windows in the language model are not supported.');
  const rope = ropeSettings(json, file, ['default', 'mrope']);
  const heads = read.number('num_attention_heads');
  return {
    vocabSize: read.number('vocab_size'),
    depth: read.number('num_hidden_layers'),
    width: read.number('hidden_size'),
    heads,
    keyValueHeads: read.number('num_key_value_heads', heads),
    feedForwardWidth: read.number('intermediate_size'),
    normEpsilon: read.number('rms_norm_eps', 1e-5),
    ropeTheta: rope.theta(1_000_000),
    mropeSection: rope.mropeSection([16, 24, 24]),
    maxPositions: read.number('max_position_embeddings', 32768),
    initRange: read.number('initializer_range', 0.02),
  };
}

/** Check that sizes fit each other. Otherwise the first matrix product would fail with an obscure error. */
function checkConfig({ vision, text }: QwenConfig, file: string): void {
  const divides = (name: string, value: number, by: number, of: string) => {
    if (value % by) throw wrong(file, name, value, `a multiple of ${of} (${by})`);
  };
  divides('hidden_size', text.width, 2 * text.heads, 'twice num_attention_heads');
  divides('num_attention_heads', text.heads, text.keyValueHeads, 'num_key_value_heads');
  divides('vision_config.hidden_size', vision.width, 4 * vision.heads, 'four times num_heads');
  if (vision.windowSize < vision.patchSize * vision.mergeSize)
    throw wrong(file, 'vision_config.window_size', vision.windowSize, 'at least one merged patch');
  checkMropeSection(text.mropeSection, text.width / text.heads, file);
  if (vision.outWidth !== text.width)
    throw wrong(file, 'vision_config.out_hidden_size', vision.outWidth, `the text's hidden_size (${text.width})`);
}

/** Write a `config.json` in the newer nested form, which Hugging Face transformers reads. */
export function configToJson(config: QwenConfig): Json {
  const { vision, text } = config;
  return {
    architectures: ['Qwen2_5_VLForConditionalGeneration'],
    model_type: 'qwen2_5_vl',
    dtype: 'float32',
    tie_word_embeddings: config.tied,
    image_token_id: config.imageTokenId,
    video_token_id: config.videoTokenId,
    vision_start_token_id: config.visionStartTokenId,
    vision_end_token_id: config.visionEndTokenId,
    text_config: {
      model_type: 'qwen2_5_vl_text',
      ...decoderToJson(config),
      rope_parameters: { rope_type: 'default', rope_theta: text.ropeTheta, mrope_section: text.mropeSection },
    },
    vision_config: {
      model_type: 'qwen2_5_vl_vision',
      depth: vision.depth,
      hidden_size: vision.width,
      num_heads: vision.heads,
      intermediate_size: vision.feedForwardWidth,
      hidden_act: 'silu',
      out_hidden_size: vision.outWidth,
      patch_size: vision.patchSize,
      temporal_patch_size: vision.temporalPatchSize,
      spatial_merge_size: vision.mergeSize,
      in_channels: vision.channels,
      window_size: vision.windowSize,
      fullatt_block_indexes: vision.fullAttentionBlocks,
      tokens_per_second: vision.tokensPerSecond,
      initializer_range: vision.initRange,
      ...(vision.stem.kind === 'patch' ? {} : { stem: vision.stem }),
    },
  };
}
