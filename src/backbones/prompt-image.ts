import type { Grid } from './qwen25vl/config.js';

/** One preprocessed image of a prompt. */
export type PromptImage =
  /** Flattened patches of Qwen's image processor. */
  | { kind: 'patches'; patches: Float32Array; grid: Grid }
  /** Normalised pixels [height, width, 3], for the convolutional stem. */
  | { kind: 'pixels'; pixels: Float32Array; grid: Grid }
  /** A padded square of normalised pixels [side, side, 3], of which `width` x `height` at the top left are the image (Idefics3). */
  | { kind: 'tile'; pixels: Float32Array; side: number; width: number; height: number };

/** Patches of Qwen's image processor. */
export type PatchImage = Extract<PromptImage, { kind: 'patches' }>;
