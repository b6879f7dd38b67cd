import { integer, list, tagged } from '../checks/schema.js';

/** Named sizes of a network that is trained from scratch (`backbones/qwen25vl/sizes.ts`). */
export const sizeNames = ['nano', 'tiny', 'small'] as const;
export type SizeName = (typeof sizeNames)[number];

/** How pixels become the first tokens: Qwen's patch embedding, or a small convolutional stem for training from scratch. */
export type Stem = { kind: 'patch' } | ConvolutionalStem;

/** For each entry a 3x3 convolution of stride 2, group norm and SiLU. The patch size is 2 ** channels.length. */
export interface ConvolutionalStem {
  kind: 'conv';
  channels: readonly number[];
}

export const stemSchema = tagged<Stem>('how pixels become the first visual tokens', {
  patch: {},
  conv: {
    channels: list(integer({ min: 1, max: 4096, help: 'channels' }), {
      min: 1,
      help: 'channels of each convolution of stride 2',
    }),
  },
});
