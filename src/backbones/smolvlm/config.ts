import { type Json, reader, record, requireActivation, wrong } from '../layers/config-json.js';
import { tokenIds } from '../layers/token-ids.js';
import { llamaTextToJson, parseLlamaText } from '../llama/config.js';
import type { PublishedConfig } from '../published-config.js';

/** The vision tower of Idefics3 and SmolVLM: SigLIP on square tiles. */
export interface SmolVisionConfig {
  depth: number;
  width: number;
  heads: number;
  feedForwardWidth: number;
  channels: number;
  /** Side of a tile in pixels. */
  imageSize: number;
  patchSize: number;
  normEpsilon: number;
}

/** Idefics3 (arXiv 2408.12637) and SmolVLM (arXiv 2504.05299). */
export interface SmolConfig extends PublishedConfig {
  family: 'idefics3';
  vision: SmolVisionConfig;
  /** Pixel shuffle: so many patches along each side become one token. */
  scaleFactor: number;
  imageTokenId: number;
}

/** Read a `config.json` of Idefics3 or SmolVLM. @throws UserError naming the value that does not fit */
export function parseSmolConfig(json: unknown, file: string): SmolConfig {
  const top = record(json, file, 'the top level');
  const text = record(top.text_config, file, 'text_config');
  if ((text.model_type ?? 'llama') !== 'llama') throw wrong(file, 'text_config.model_type', text.model_type, "'llama'");
  const vision = parseVision(record(top.vision_config ?? {}, file, 'vision_config'), file);
  const scaleFactor = reader(top, file).number('scale_factor', 2);
  const side = vision.imageSize / vision.patchSize;
  if (!Number.isInteger(side / scaleFactor))
    throw wrong(file, 'vision_config.image_size', vision.imageSize, `a multiple of ${vision.patchSize * scaleFactor}`);
  return {
    family: 'idefics3',
    text: parseLlamaText(text, file),
    tied: top.tie_word_embeddings === true,
    vision,
    scaleFactor,
    imageTokenId: reader(top, file).number('image_token_id', 128_257),
    ...tokenIds(top, text),
  };
}

function parseVision(json: Json, file: string): SmolVisionConfig {
  const read = reader(json, file);
  requireActivation(json, file, 'gelu_pytorch_tanh', 'vision_config.hidden_act');
  return {
    depth: read.number('num_hidden_layers', 12),
    width: read.number('hidden_size', 1152),
    heads: read.number('num_attention_heads', 16),
    feedForwardWidth: read.number('intermediate_size', 3072),
    channels: read.number('num_channels', 3),
    imageSize: read.number('image_size', 224),
    patchSize: read.number('patch_size', 32),
    normEpsilon: read.number('layer_norm_eps', 1e-6),
  };
}

/** Write a `config.json` that transformers reads. */
export function smolToJson(config: SmolConfig): Json {
  const { vision } = config;
  return {
    architectures: ['Idefics3ForConditionalGeneration'],
    model_type: 'idefics3',
    dtype: 'float32',
    tie_word_embeddings: config.tied,
    image_token_id: config.imageTokenId,
    scale_factor: config.scaleFactor,
    text_config: { ...llamaTextToJson(config), tie_word_embeddings: config.tied },
    vision_config: {
      model_type: 'idefics3_vision',
      num_hidden_layers: vision.depth,
      hidden_size: vision.width,
      num_attention_heads: vision.heads,
      intermediate_size: vision.feedForwardWidth,
      num_channels: vision.channels,
      image_size: vision.imageSize,
      patch_size: vision.patchSize,
      layer_norm_eps: vision.normEpsilon,
      hidden_act: 'gelu_pytorch_tanh',
    },
  };
}
