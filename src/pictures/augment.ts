import type { Box } from '../data/types.js';
import type { RandomStream } from '../engine/random.js';
import { type AugmentOption, DEFAULT_AUGMENT } from './augment-option.js';

/** Weights of red, green and blue in the luma (ITU-R BT.601). */
export const LUMA = [0.299, 0.587, 0.114];

/** Factor of each colour channel. */
export type Gain = [red: number, green: number, blue: number];

/** Colours as stored. */
export const NO_GAIN: Gain = [1, 1, 1];

/** One augmentation as a plain record. The same record gives the same pixels. */
export interface Augmentation {
  crop: Box;
  flip: boolean;
  /** White balance: factors of red, green and blue, applied first. They belong to an image and are not random. Default 1. */
  gain?: Gain;
  brightness: number;
  contrast: number;
  shift: [red: number, green: number, blue: number];
}

/** The identity, for pictures that are only resized. */
export const NO_AUGMENTATION: Augmentation = {
  crop: { x1: 0, y1: 0, x2: 1, y2: 1 },
  flip: false,
  brightness: 1,
  contrast: 1,
  shift: [0, 0, 0],
};

/** Draw a random augmentation. Always consumes the same count of random numbers, whatever the options are. */
export function drawAugmentation(stream: RandomStream, options: AugmentOption = DEFAULT_AUGMENT): Augmentation {
  const between = (min: number, max: number) => min + (max - min) * stream.uniform();
  const area = between(...options.area);
  // Uniform on a logarithmic scale, so that wide and tall crops are equally likely.
  const aspect = Math.exp(between(Math.log(options.aspect[0]), Math.log(options.aspect[1])));
  const width = Math.min(Math.sqrt(area * aspect), 1);
  const height = Math.min(area / width, 1);
  const x1 = between(0, 1 - width);
  const y1 = between(0, 1 - height);
  return {
    crop: { x1, y1, x2: Math.min(x1 + width, 1), y2: Math.min(y1 + height, 1) },
    flip: stream.uniform() < options.flip,
    brightness: between(1 - options.brightness, 1 + options.brightness),
    contrast: between(1 - options.contrast, 1 + options.contrast),
    shift: [0, 0, 0].map(() => between(-options.channelShift, options.channelShift)) as Augmentation['shift'],
  };
}

/** Jitter a core box as if a less precise detector had found it: each edge moves by up to `amount` of the box's side, within the image. */
export function jitterBox(stream: RandomStream, box: Box, amount = 0.1): Box {
  const width = box.x2 - box.x1;
  const height = box.y2 - box.y1;
  const move = (edge: number, side: number) =>
    Math.min(Math.max(edge + (2 * stream.uniform() - 1) * amount * side, 0), 1);
  return { x1: move(box.x1, width), y1: move(box.y1, height), x2: move(box.x2, width), y2: move(box.y2, height) };
}
