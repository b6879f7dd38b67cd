import { assert } from '../checks/error.js';
import type { Box, Raster } from '../data/types.js';
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

/**
 * Apply one variation to each raster: `[n, size, size, 3]` float32 in 0..1, a fresh array (a tensor made from it may keep it).
 *
 * The crop is sampled bilinearly, without averaging: decode photos at little more than `size` (80 for 64). Gain, brightness,
 * contrast and shift act together, `contrast * (brightness * gain * x - grey) + grey + shift`, grey being the mean luma
 * (ITU-R BT.601) of the balanced and brightened crop; only the result is cut off at 0 and 1.
 */
export function augmentBatch(
  rasters: readonly Raster[],
  augmentations: readonly Augmentation[],
  size: number,
): Float32Array {
  assert(rasters.length === augmentations.length, `${rasters.length} images, ${augmentations.length} augmentations`);
  const pixels = size * size * 3;
  const batch = new Float32Array(rasters.length * pixels);
  rasters.forEach((raster, index) => {
    const image = batch.subarray(index * pixels, (index + 1) * pixels);
    const means = sampleCrop(raster, augmentations[index], size, image);
    adjustColour(image, augmentations[index], means);
  });
  return batch;
}

/** A core box as a less exact detector would have drawn it: each edge moves by up to `amount` of the box's side, inside the image. */
export function jitterBox(stream: RandomStream, box: Box, amount = 0.1): Box {
  const width = box.x2 - box.x1;
  const height = box.y2 - box.y1;
  const move = (edge: number, side: number) =>
    Math.min(Math.max(edge + (2 * stream.uniform() - 1) * amount * side, 0), 1);
  return { x1: move(box.x1, width), y1: move(box.y1, height), x2: move(box.x2, width), y2: move(box.y2, height) };
}

/** Fill `out` with the crop, flipped or not, in 0..1; returns its mean red, green and blue. */
function sampleCrop({ data, width, height }: Raster, { crop, flip }: Augmentation, size: number, out: Float32Array) {
  const columns = sampleAxis(crop.x1, crop.x2, width, size);
  const rows = sampleAxis(crop.y1, crop.y2, height, size);
  if (flip) {
    columns.low.reverse();
    columns.high.reverse();
    columns.weight.reverse();
  }
  let red = 0;
  let green = 0;
  let blue = 0;
  let to = 0;
  for (let y = 0; y < size; y++) {
    const above = rows.low[y] * width;
    const below = rows.high[y] * width;
    const v = rows.weight[y] / 255;
    const u = 1 / 255 - v;
    for (let x = 0; x < size; x++) {
      const left = columns.low[x];
      const right = columns.high[x];
      const w = columns.weight[x];
      const a = u * (1 - w);
      const b = u * w;
      const c = v * (1 - w);
      const d = v * w;
      const i = (above + left) * 3;
      const j = (above + right) * 3;
      const k = (below + left) * 3;
      const l = (below + right) * 3;
      red += out[to++] = a * data[i] + b * data[j] + c * data[k] + d * data[l];
      green += out[to++] = a * data[i + 1] + b * data[j + 1] + c * data[k + 1] + d * data[l + 1];
      blue += out[to++] = a * data[i + 2] + b * data[j + 2] + c * data[k + 2] + d * data[l + 2];
    }
  }
  return [red, green, blue].map((sum) => sum / (size * size));
}

/** The two pixels that each of `size` samples lies between, and how far it is on the way to the second. */
function sampleAxis(from: number, to: number, length: number, size: number) {
  const low = new Int32Array(size);
  const high = new Int32Array(size);
  const weight = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const at = (from + ((i + 0.5) / size) * (to - from)) * length - 0.5; // pixel centres lie at a half
    const inside = Math.min(Math.max(at, 0), length - 1);
    low[i] = Math.floor(inside);
    high[i] = Math.min(low[i] + 1, length - 1);
    weight[i] = inside - low[i];
  }
  return { low, high, weight };
}

function adjustColour(image: Float32Array, how: Augmentation, means: number[]): void {
  const { gain = NO_GAIN, brightness, contrast, shift } = how;
  const grey = LUMA.reduce((sum, part, channel) => sum + part * gain[channel] * means[channel], 0);
  for (let channel = 0; channel < 3; channel++) {
    const factor = contrast * brightness * gain[channel];
    const offset = (1 - contrast) * brightness * grey + shift[channel];
    for (let i = channel; i < image.length; i += 3) image[i] = Math.min(Math.max(factor * image[i] + offset, 0), 1);
  }
}
