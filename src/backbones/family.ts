import type { Weights } from '../engine/flat-weights.js';
import type * as tf from '../engine/tf.js';
import type { Json } from './layers/config-json.js';
import type { ImageMarks } from './layers/image-marks.js';
import type { Normalisation } from './layers/normalisation.js';
import type { PromptImage } from './prompt-image.js';
import type { PublishedConfig } from './published-config.js';

/** Image features in the order of the images. The caller frees the tensors. */
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

/** The sizes of a vision tower. */
export interface Tower {
  patchSize: number;
  /** Patches along each side that become one token. */
  mergeSize: number;
  depth: number;
  width: number;
  /** The largest side of an image in pixels; without it any. */
  maxSide?: number;
}

export interface EncodeOptions {
  /** Gradient checkpointing: recompute each block in the backward pass. */
  checkpoint?: boolean;
}

/** A batch of still images of different sizes. */
export interface SizedImages {
  /**
   * [images, patches, patchSize * patchSize * channels] normalised: row by row, pixel by pixel. The patches of a token are adjacent, the tokens
   * go row by row, and the rest is padding.
   */
  patches: tf.Tensor3D;
  /** [images, 2] rows and columns of tokens of each image, int32. */
  grids: tf.Tensor2D;
}

/** How a family encodes a batch of still images. */
export interface StillImages<Config extends PublishedConfig = PublishedConfig> {
  tower(config: Config): Tower;
  /** The same network with the first blocks of its tower alone. */
  withDepth(config: Config, depth: number): Config;
  /**
   * Encode square images [images, side, side, 3], normalised; the side is a multiple of patchSize x mergeSize. Features go image by image,
   * row by row. Differentiable; reads nothing on the host.
   */
  encode(config: Config, weights: Weights, pixels: tf.Tensor4D, options?: EncodeOptions): EncodedImages;
  /**
   * Encode still images of different sizes. An image has the features of all its patches, padding included; those of padding mean nothing.
   * Undefined for a tower that takes squares alone. Differentiable; reads nothing on the host.
   */
  encodeSized?(config: Config, weights: Weights, images: SizedImages, options?: EncodeOptions): EncodedImages;
  /** The normalisation of a folder's image processor. @throws UserError for a processor that is not supported */
  normalisation(dir: string): Normalisation;
}

/** A family of published networks: all that loading, generation, verification and MOON know of it. */
export interface Family<Config extends PublishedConfig = PublishedConfig> {
  /** For messages: `Qwen2.5-VL`. */
  name: string;
  /** What `model_type` of a `config.json` says; the first one names the family. */
  modelTypes: readonly [string, ...string[]];
  /** How an image stands in a text. */
  marks: ImageMarks;
  /** The ids that a tokenizer must give these tokens, since the network has learned them so. */
  learnedTokens(config: Config): Record<string, number>;
  /** Whether the tokens of an image have rows and columns as positions, or count up like text. */
  positionsOfImages: 'grid' | 'linear';
  /** @throws UserError naming the value that does not fit */
  parseConfig(json: unknown, file: string): Config;
  /** What `parseConfig` reads, as transformers reads it too. */
  configToJson(config: Config): Json;
  weightShapes(config: Config): Record<string, number[]>;
  /** The name that moon-lab uses for a tensor of a checkpoint. */
  canonicalName(name: string): string;
  /** The path of a weight in Python's module, by moon-lab's name: what PEFT writes. */
  moduleName(name: string): string;
  /** The name of a weight in a checkpoint that moon-lab writes. Default `moduleName`. */
  fileName?(name: string): string;
  /** @throws UserError for images of another family's processor */
  encodeImages(config: Config, weights: Weights, images: readonly PromptImage[]): EncodedImages;
  /** @throws UserError when the image tokens do not match the images */
  positions(config: Config, ids: readonly number[], images: readonly PromptImage[]): PromptPositions;
  /** Undefined for a family that reads text alone. */
  still?: StillImages<Config>;
}
