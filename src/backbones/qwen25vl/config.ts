import type { Stem } from '../../pictures/tower-option.js';
import type { PublishedConfig } from '../published-config.js';

/** Patches of one image along frames, rows and columns. A still image has one frame; the frame is duplicated to fill a temporal patch. */
export interface Grid {
  t: number;
  h: number;
  w: number;
}

export interface VisionConfig {
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
  /** Side of an attention window in pixels. */
  windowSize: number;
  /** Blocks with full attention over the image; the others attend within windows. */
  fullAttentionBlocks: number[];
  tokensPerSecond: number;
  initRange: number;
  /** `initRange` of the weights that end a residual branch; 0 starts every block as the identity. Default `initRange`. */
  branchInitRange?: number;
  stem: Stem;
}

/** Configuration of a Qwen2.5-VL network, as in its `config.json`. */
export interface QwenConfig extends PublishedConfig {
  family?: 'qwen2_5_vl';
  vision: VisionConfig;
  imageTokenId: number;
  videoTokenId: number;
  visionStartTokenId: number;
  visionEndTokenId: number;
}
