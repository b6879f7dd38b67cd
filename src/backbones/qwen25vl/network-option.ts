import { integer, list, number, oneOf, record, tagged } from '../../checks/schema.js';

/** Named sizes, see `sizes`. */
export const sizeNames = ['nano', 'tiny', 'small'] as const;
export type SizeName = (typeof sizeNames)[number];

/** How pixels become the first tokens: Qwen's patch embedding, or a small convolutional stem for training from scratch. */
export type Stem = { kind: 'patch' } | ConvolutionalStem;

/** One 3x3 convolution of stride 2 for each entry (so 2 ** channels.length is the patch size), group norm, SiLU. */
export interface ConvolutionalStem {
  kind: 'conv';
  channels: readonly number[];
}

/** Shape of the network: widths of a named size, or parts of it overridden. */
export interface NetworkOption {
  size: SizeName;
  vocabulary: number;
  stem: Stem;
  visionDepth?: number;
  depth?: number;
  feedForwardWidth?: number;
  /**
   * Spread of the weights that end a residual branch before the first step; 0 starts every block as the identity (Zhang et al.,
   * arXiv 1901.09321). Left out: as published, 0.02, like all others.
   */
  branchInitRange?: number;
}

type Open = 'visionDepth' | 'depth' | 'feedForwardWidth' | 'branchInitRange';

export const networkSchema = record<NetworkOption, Open>({
  size: oneOf(sizeNames, { help: 'the named size that all widths and depths come from' }),
  vocabulary: integer({ min: 280, max: 262144, help: 'tokens of the vocabulary, which is learned from the catalogue' }),
  stem: tagged<Stem>('how pixels become the first visual tokens', {
    patch: {},
    conv: {
      channels: list(integer({ min: 1, max: 4096, help: 'channels' }), {
        min: 1,
        help: 'channels of each convolution of stride 2',
      }),
    },
  }),
  visionDepth: integer({ min: 1, max: 128, leftOut: 'that of the size', help: 'blocks of the vision tower' }),
  depth: integer({ min: 1, max: 128, leftOut: 'that of the size', help: 'blocks of the language model' }),
  feedForwardWidth: integer({
    min: 1,
    max: 65536,
    leftOut: 'that of the size',
    help: 'the width between the two matrices of a feed-forward layer of the language model',
  }),
  branchInitRange: number({
    min: 0,
    max: 1,
    leftOut: '0.02, as everywhere',
    help: 'the spread of weights that end a residual branch before the first step; 0: blocks start as the identity',
  }),
});
