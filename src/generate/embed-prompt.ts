import { embeddingSources, embedTokens, mergeImageTokens } from '../backbones/layers/decoder.js';
import type { QwenConfig } from '../backbones/qwen25vl/config.js';
import { ropeIndex } from '../backbones/qwen25vl/positions.js';
import { encodeImages } from '../backbones/qwen25vl/vision.js';
import { assert, UserError } from '../checks/error.js';
import type { Weights } from '../engine/flat-weights.js';
import * as tf from '../engine/tf.js';
import type { Prompt, PromptImage } from './prompt.js';

/** A network: its configuration and weights. */
export interface Network {
  config: QwenConfig;
  weights: Weights;
}

/** One prompt as input of the language model. The caller frees the tensors. */
export interface EmbeddedPrompt {
  /** [1, length, width] */
  embeddings: tf.Tensor3D;
  /** [3, 1, length] int32 */
  positions: tf.Tensor3D;
  /** Image features [image tokens, width]; absent without images. */
  features?: tf.Tensor2D;
  /** Position of the next token. */
  next: number;
}

/**
 * Embed a prompt: token embeddings with image features inserted, and multimodal positions.
 * @throws UserError for an id outside of the embedding, or images that do not match their tokens
 */
export function embedPrompt({ config, weights }: Network, { ids, images }: Prompt): EmbeddedPrompt {
  const unknownId = ids.find((id) => !(id >= 0 && id < config.text.vocabSize));
  if (ids.length === 0) throw new UserError('prompt: has no tokens. Give it a text or an image.');
  if (unknownId !== undefined)
    throw new UserError(
      `prompt: token id ${unknownId} is outside of the embedding's ${config.text.vocabSize} rows. Take tokenizer and weights from the same folder.`,
    );
  const { positions, next } = ropeIndex([{ ids, grids: images.map((image) => image.grid) }], {
    imageTokenId: config.imageTokenId,
    mergeSize: config.vision.mergeSize,
  });
  const tensors = tf.tidy(() => {
    const text = embedTokens(config.text, weights, tf.tensor2d(ids, [1, ids.length], 'int32'));
    const place = tf.tensor3d(positions, [3, 1, ids.length], 'int32');
    if (images.length === 0) return { embeddings: text, positions: place };
    const features = tf.concat(images.map((image) => encodeImage(config, weights, image))) as tf.Tensor2D;
    const sources = tf.tensor1d(embeddingSources(ids, config.imageTokenId), 'int32');
    return { embeddings: mergeImageTokens(text, features, sources), positions: place, features };
  });
  return { ...tensors, next: next[0] };
}

/** Encode one image to [tokens, width]. */
function encodeImage(config: QwenConfig, weights: Weights, image: PromptImage): tf.Tensor2D {
  const { t, h, w } = image.grid;
  const { patchSize, channels } = config.vision;
  if (image.kind === 'pixels') {
    assert(t === 1, 'pixels are those of a still image');
    const pixels = tf.tensor4d(image.pixels, [1, h * patchSize, w * patchSize, channels]);
    return tf.squeeze(encodeImages(config.vision, weights, { kind: 'pixels', pixels }).tokens, [0]);
  }
  const patches = tf.tensor3d(image.patches, [1, t * h * w, image.patches.length / (t * h * w)]);
  return tf.squeeze(encodeImages(config.vision, weights, { kind: 'patches', patches, grid: image.grid }).tokens, [0]);
}
