import { fraction, list, number, record } from '../checks/schema.js';

/** How strongly query photos are varied. */
export interface AugmentOption {
  /** Smallest and largest part of the area that a crop keeps. */
  area: readonly [min: number, max: number];
  /** Width : height of the crop, as a multiple of the image's own. */
  aspect: readonly [min: number, max: number];
  /** Chance of a left-right flip. */
  flip: number;
  /** Brightness is a factor within 1 +- this. */
  brightness: number;
  /** Contrast is a factor within 1 +- this, around the crop's mean grey. */
  contrast: number;
  /** Each of red, green and blue moves by at most this (of 1). Hue is never rotated: colour tells products apart. */
  channelShift: number;
}

export const augmentSchema = record<AugmentOption>({
  area: list(number({ min: 0.01, max: 1, help: 'a part' }), {
    length: 2,
    help: 'the smallest and the largest part of the area that a crop keeps',
  }),
  aspect: list(number({ min: 0.1, max: 10, help: 'a ratio' }), {
    length: 2,
    help: "the smallest and the largest width : height of a crop, as a multiple of the image's",
  }),
  flip: fraction({ help: 'the chance of a left-right flip' }),
  brightness: fraction({ help: 'brightness is a factor within 1 +- this' }),
  contrast: fraction({ help: 'contrast is a factor within 1 +- this' }),
  channelShift: fraction({ help: 'the most by which red, green and blue each move' }),
});

/** What suits photos of products that fill most of the frame. */
export const DEFAULT_AUGMENT: AugmentOption = {
  area: [0.3, 1],
  aspect: [0.85, 1.18],
  flip: 0.5,
  brightness: 0.3,
  contrast: 0.3,
  channelShift: 0.05,
};
