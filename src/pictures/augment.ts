import type { Box } from '../data/types.js';
import type { RandomStream } from '../engine/random.js';
import { type AugmentOption, DEFAULT_AUGMENT } from './augment-option.js';

/** Parts of red, green and blue in the luma (ITU-R BT.601). */
export const LUMA = [0.299, 0.587, 0.114];

/** What each channel is multiplied with. */
export type Gain = [red: number, green: number, blue: number];

/** As stored. */
export const NO_GAIN: Gain = [1, 1, 1];

/** One drawn variation, as a plain record: the same record gives the same pixels. */
export interface Augmentation {
  crop: Box;
  flip: boolean;
  /** White balance: what red, green and blue are multiplied with first; it belongs to an image and is never drawn. Left out: 1. */
  gain?: Gain;
  brightness: number;
  contrast: number;
  shift: [red: number, green: number, blue: number];
}

/** What changes nothing: for photos that are only brought to size. */
export const NO_AUGMENTATION: Augmentation = {
  crop: { x1: 0, y1: 0, x2: 1, y2: 1 },
  flip: false,
  brightness: 1,
  contrast: 1,
  shift: [0, 0, 0],
};

/** Draw one variation: always ten numbers of the stream, whatever they are. */
export function drawAugmentation(stream: RandomStream, options: AugmentOption = DEFAULT_AUGMENT): Augmentation {
  const between = (min: number, max: number) => min + (max - min) * stream.uniform();
  const area = between(...options.area);
  // Evenly on a logarithmic scale, so that wide and tall are equally likely.
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

/** A core box as a less exact detector would have drawn it: each edge moves by up to `amount` of the box's side, inside the image. */
export function jitterBox(stream: RandomStream, box: Box, amount = 0.1): Box {
  const width = box.x2 - box.x1;
  const height = box.y2 - box.y1;
  const move = (edge: number, side: number) =>
    Math.min(Math.max(edge + (2 * stream.uniform() - 1) * amount * side, 0), 1);
  return { x1: move(box.x1, width), y1: move(box.y1, height), x2: move(box.x2, width), y2: move(box.y2, height) };
}
