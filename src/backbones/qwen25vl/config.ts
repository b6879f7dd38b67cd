import type { Stem } from './network-option.js';

/** Frames, rows and columns of patches of one image; a still image has one (doubled) frame. */
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
  /** Width of the tokens that the merger hands to the language model. */
  outWidth: number;
  patchSize: number;
  /** Frames that one patch spans; a still image is repeated. */
  temporalPatchSize: number;
  /** Patches merged into one token, along each side. */
  mergeSize: number;
  channels: number;
  /** Side of an attention window in pixels. */
  windowSize: number;
  /** Blocks that attend to the whole image; the others stay inside their window. */
  fullAttentionBlocks: number[];
  tokensPerSecond: number;
  initRange: number;
  /** `initRange` of the weights that end a residual branch; 0 starts every block as the identity. Default `initRange`. */
  branchInitRange?: number;
  stem: Stem;
}

export interface TextConfig {
  vocabSize: number;
  depth: number;
  width: number;
  heads: number;
  keyValueHeads: number;
  feedForwardWidth: number;
  normEpsilon: number;
  ropeTheta: number;
  /** Rotary frequencies turned by time, row and column; they add up to half the width of a head. */
  mropeSection: [number, number, number];
  maxPositions: number;
  initRange: number;
  /** `initRange` of the weights that end a residual branch; 0 starts every block as the identity. Default `initRange`. */
  branchInitRange?: number;
}

/** Qwen2.5-VL, as `config.json` describes it. */
export interface QwenConfig {
  vision: VisionConfig;
  text: TextConfig;
  /** The head that gives logits is the token embedding. */
  tied: boolean;
  imageTokenId: number;
  videoTokenId: number;
  visionStartTokenId: number;
  visionEndTokenId: number;
  bosTokenId: number | null;
  /** Tokens that end a text. */
  eosTokenIds: number[];
  padTokenId: number | null;
}
