import { fraction, list, number, record } from '../checks/schema.js';

/** Strength of the augmentation of training pictures. */
export interface AugmentOption {
  /** Smallest and largest fraction of the area that a crop keeps. */
  area: readonly [min: number, max: number];
  /** Smallest and largest aspect ratio (width / height) of a crop, relative to the image's own. */
  aspect: readonly [min: number, max: number];
  /** Probability of a horizontal flip. */
  flip: number;
  /** Brightness is multiplied by a factor from 1 - this to 1 + this. */
  brightness: number;
  /** Contrast is multiplied by a factor from 1 - this to 1 + this, around the crop's mean grey. */
  contrast: number;
  /**
   * Red, green and blue are each shifted by at most this (pixels are 0 to 1). The hue is never rotated, because colour distinguishes
   * products.
   */
  channelShift: number;
}

export const augmentSchema = record<AugmentOption>({
  area: list(number({ min: 0.01, max: 1, help: 'a fraction' }), {
    length: 2,
    help: 'the smallest and the largest fraction of the area that a crop keeps',
  }),
  aspect: list(number({ min: 0.1, max: 10, help: 'a ratio' }), {
    length: 2,
    help: "the smallest and the largest aspect ratio (width / height) of a crop, relative to the image's",
  }),
  flip: fraction({ help: 'the probability of a horizontal flip' }),
  brightness: fraction({ help: 'brightness is multiplied by a factor of 1 +- this' }),
  contrast: fraction({ help: 'contrast is multiplied by a factor of 1 +- this' }),
  channelShift: fraction({ help: 'the largest shift of red, green and blue each' }),
});

/** Defaults for photos of products that fill most of the frame. */
export const DEFAULT_AUGMENT: AugmentOption = {
  area: [0.3, 1],
  aspect: [0.85, 1.18],
  flip: 0.5,
  brightness: 0.3,
  contrast: 0.3,
  channelShift: 0.05,
};
