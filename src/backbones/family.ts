import type { Weights } from '../engine/flat-weights.js';
import type * as tf from '../engine/tf.js';
import type { PromptImage } from './prompt-image.js';
import type { PublishedConfig } from './published-config.js';

/** Image features of one prompt, in the order of its images. The caller frees the tensors. */
export interface EncodedImages {
  /** [image tokens, width] */
  features: tf.Tensor2D;
  /** Added to the image tokens after the first decoder blocks, one a block [image tokens, width]. */
  deepstack?: tf.Tensor2D[];
}

/** Positions of one prompt: flat [3, length] (time, row, column), and the position of the token that would follow. */
export interface PromptPositions {
  positions: Int32Array;
  next: number;
}

/** A family of published networks: all that loading, generation and verification know of it. */
export interface Family<Config extends PublishedConfig = PublishedConfig> {
  /** For messages: `Qwen2.5-VL`. */
  name: string;
  /** What `model_type` of a `config.json` says; the first one names the family. */
  modelTypes: readonly [string, ...string[]];
  /** The token that stands for a piece of an image. */
  imageToken?: string;
  /** @throws UserError naming the value that does not fit */
  parseConfig(json: unknown, file: string): Config;
  weightShapes(config: Config): Record<string, number[]>;
  /** The name that moon-lab uses for a tensor of a checkpoint. */
  canonicalName(name: string): string;
  /** @throws UserError for images of another family's processor */
  encodeImages(config: Config, weights: Weights, images: readonly PromptImage[]): EncodedImages;
  /** @throws UserError when the image tokens do not match the images */
  positions(config: Config, ids: readonly number[], images: readonly PromptImage[]): PromptPositions;
}
