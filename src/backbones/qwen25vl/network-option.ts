import { integer, list, number, oneOf, record, tagged } from '../../checks/schema.js';

/** Named sizes, see `sizes`. */
export const sizeNames = ['nano', 'tiny', 'small'] as const;
export type SizeName = (typeof sizeNames)[number];

/** How pixels become the first tokens: Qwen's patch embedding, or a small convolutional stem for training from scratch. */
export type Stem = { kind: 'patch' } | ConvolutionalStem;

/** For each entry a 3x3 convolution of stride 2, group norm and SiLU. The patch size is 2 ** channels.length. */
export interface ConvolutionalStem {
  kind: 'conv';
  channels: readonly number[];
}

/** Shape of the network: a named size, with single values overridden. */
export interface NetworkOption {
  size: SizeName;
  vocabulary: number;
  stem: Stem;
  visionDepth?: number;
  depth?: number;
  feedForwardWidth?: number;
  /**
   * Standard deviation of the weights that end a residual branch, at initialisation; 0 starts every block as the identity (Zhang et al.,
   * arXiv 1901.09321). By default 0.02 as published, like all other weights.
   */
  branchInitRange?: number;
}

type Open = 'visionDepth' | 'depth' | 'feedForwardWidth' | 'branchInitRange';

export const networkSchema = record<NetworkOption, Open>({
  size: oneOf(sizeNames, { help: 'the named size, which sets all widths and depths' }),
  vocabulary: integer({ min: 280, max: 262144, help: 'size of the vocabulary, which is learned from the catalogue' }),
  stem: tagged<Stem>('how pixels become the first visual tokens', {
    patch: {},
    conv: {
      channels: list(integer({ min: 1, max: 4096, help: 'channels' }), {
        min: 1,
        help: 'channels of each convolution of stride 2',
      }),
    },
  }),
  visionDepth: integer({ min: 1, max: 128, leftOut: 'set by the size', help: 'blocks of the vision tower' }),
  depth: integer({ min: 1, max: 128, leftOut: 'set by the size', help: 'blocks of the language model' }),
  feedForwardWidth: integer({
    min: 1,
    max: 65536,
    leftOut: 'set by the size',
    help: "the hidden width of the language model's feed-forward layers",
  }),
  branchInitRange: number({
    min: 0,
    max: 1,
    leftOut: '0.02, like all other weights',
    help: 'initial standard deviation of weights that end a residual branch; 0: blocks start as the identity',
  }),
});
