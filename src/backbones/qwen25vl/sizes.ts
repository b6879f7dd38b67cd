import { wrongOption } from '../../checks/error.js';
import { type SizeName, type Stem, sizeNames } from '../../pictures/tower-option.js';
import type { QwenConfig, VisionConfig } from './config.js';

/** A named size of the architecture for training from scratch on images of 64 to 160 pixels. */
export interface Size {
  /** Of the vision tower and of the language model, like `heads` and `feedForwardWidth`. */
  width: number;
  heads: number;
  /** Of the language model; the vision tower does not group its heads. */
  keyValueHeads: number;
  feedForwardWidth: number;
  visionDepth: number;
  depth: number;
  /** Side of a patch and of an attention window, in pixels. */
  patchSize: number;
  windowSize: number;
  /** Sizes that benchmarks run: sequences per batch, tokens per sequence, image side in pixels. */
  batch: number;
  tokens: number;
  imageSize: number;
}

/** The table that every benchmark, test and base configuration reads. */
export const sizes = {
  nano: {
    width: 96,
    heads: 3,
    keyValueHeads: 1,
    feedForwardWidth: 256,
    visionDepth: 2,
    depth: 2,
    patchSize: 8,
    windowSize: 32,
    batch: 32,
    tokens: 64,
    imageSize: 64,
  },
  tiny: {
    width: 192,
    heads: 6,
    keyValueHeads: 2,
    feedForwardWidth: 512,
    visionDepth: 2,
    depth: 4,
    patchSize: 8,
    windowSize: 32,
    batch: 32,
    tokens: 96,
    imageSize: 64,
  },
  small: {
    width: 320,
    heads: 10,
    keyValueHeads: 2,
    feedForwardWidth: 864,
    visionDepth: 4,
    depth: 8,
    patchSize: 8,
    windowSize: 32,
    batch: 32,
    tokens: 192,
    imageSize: 128,
  },
} as const satisfies Record<SizeName, Size>;

/** Ids of the special tokens that a custom vocabulary must contain. */
export interface SpecialTokens {
  image: number;
  video: number;
  visionStart: number;
  visionEnd: number;
  pad: number;
  end: number;
}

/**
 * The configuration of a named size. With a convolutional stem the patch size is 2 ** (number of convolutions).
 * @throws UserError for a size that is not in the table
 */
export function sizedConfig(
  size: SizeName,
  options: { vocabSize: number; tokens: SpecialTokens; stem?: Stem },
): QwenConfig {
  const vision = sizedTower(size, options.stem);
  const row: Size = sizes[size];
  const { tokens, vocabSize } = options;
  const quarter = row.width / row.heads / 8;
  return {
    vision,
    text: {
      vocabSize,
      depth: row.depth,
      width: row.width,
      heads: row.heads,
      keyValueHeads: row.keyValueHeads,
      feedForwardWidth: row.feedForwardWidth,
      normEpsilon: 1e-6,
      ropeTheta: 1_000_000,
      mropeSection: [quarter, 1.5 * quarter, 1.5 * quarter],
      maxPositions: 2048,
      initRange: 0.02,
    },
    tied: true,
    imageTokenId: tokens.image,
    videoTokenId: tokens.video,
    visionStartTokenId: tokens.visionStart,
    visionEndTokenId: tokens.visionEnd,
    bosTokenId: tokens.pad,
    eosTokenIds: [tokens.end],
    padTokenId: tokens.pad,
  };
}

/**
 * The vision tower of a named size, whose tokens are as wide as the tower. With a convolutional stem the patch size is 2 ** (number of
 * convolutions).
 * @throws UserError for a size that is not in the table
 */
export function sizedTower(size: SizeName, stem: Stem = { kind: 'patch' }): VisionConfig {
  const row: Size | undefined = sizes[size];
  if (!row) throw wrongOption('size', size, sizeNames.join(' | '));
  if (stem.kind === 'conv' && !stem.channels.length)
    throw wrongOption('stem.channels', stem.channels, 'a channel count for each convolution of stride 2');
  const patchSize = stem.kind === 'conv' ? 2 ** stem.channels.length : row.patchSize;
  return {
    depth: row.visionDepth,
    width: row.width,
    heads: row.heads,
    feedForwardWidth: row.feedForwardWidth,
    outWidth: row.width,
    patchSize,
    temporalPatchSize: 2,
    mergeSize: 2,
    channels: 3,
    windowSize: Math.max(row.windowSize, 2 * patchSize),
    fullAttentionBlocks: Array.from({ length: row.visionDepth }, (_, block) => block).filter((b) => b % 2 === 1),
    tokensPerSecond: 4,
    initRange: 0.02,
    stem,
  };
}

/** A tower of so many blocks, each of which attends to the entire image: small images are a single window. */
export function withoutWindows(tower: VisionConfig, depth = tower.depth): VisionConfig {
  return { ...tower, depth, fullAttentionBlocks: Array.from({ length: depth }, (_, block) => block) };
}
