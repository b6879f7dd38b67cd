import { familyOf, type Network } from '../backbones/families.js';
import { embeddingSources, embedTokens, mergeImageTokens } from '../backbones/layers/decoder.js';
import { UserError } from '../checks/error.js';
import * as tf from '../engine/tf.js';
import type { Prompt } from './prompt.js';

/** One prompt as input of the language model. The caller frees the tensors. */
export interface EmbeddedPrompt {
  /** [1, length, width] */
  embeddings: tf.Tensor3D;
  /** [3, 1, length] int32 */
  positions: tf.Tensor3D;
  /** Image features [image tokens, width]; absent without images. */
  features?: tf.Tensor2D;
  /** Added after the first decoder blocks, one a block: zero but for image tokens [1, length, width]. */
  deepstack?: tf.Tensor3D[];
  /** The same for the image tokens alone [image tokens, width]. */
  deepstackFeatures?: tf.Tensor2D[];
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
  const family = familyOf(config);
  const { positions, next } = family.positions(config, ids, images);
  const tensors = tf.tidy(() => {
    const text = embedTokens(config.text, weights, tf.tensor2d(ids, [1, ids.length], 'int32'));
    const place = tf.tensor3d(positions, [3, 1, ids.length], 'int32');
    if (images.length === 0) return { embeddings: text, positions: place };
    const { features, deepstack } = family.encodeImages(config, weights, images);
    const sources = tf.tensor1d(embeddingSources(ids, config.imageTokenId!), 'int32');
    const none = tf.zerosLike(text);
    return {
      embeddings: mergeImageTokens(text, features, sources),
      positions: place,
      features,
      ...(deepstack ? { deepstack: deepstack.map((each) => mergeImageTokens(none, each, sources)) } : {}),
      ...(deepstack ? { deepstackFeatures: deepstack } : {}),
    };
  });
  return { ...tensors, next };
}
