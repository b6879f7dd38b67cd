import { type AugmentOptions, augmentBatch, drawAugmentation, NO_AUGMENTATION } from '../data/augment.js';
import { decodeEach, decodeImage } from '../data/image.js';
import type { Box, ProductImage, Raster } from '../data/types.js';
import { UserError } from '../engine/check.js';
import type { RandomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import type { SequenceImage } from '../moon/sequence.js';
import { cutCrop } from '../regions/crop.js';
import { drawNow } from '../regions/draw-now.js';
import {
  countFallbacks,
  type Fallback,
  type Region,
  type RegionDetector,
  type RegionRequest,
} from '../regions/region.js';

/** Every picture of a run decoded once: the whole image and its core-region crop, square, as bytes. */
export interface Pixels {
  /**
   * Box of an image's core region: the one found with this title, else the one found without. Undefined where the run has no
   * regions. A query asks without a title.
   */
  boxOf(image: ProductImage, title?: string): Box | undefined;
  /** Bytes of a picture of a sequence. */
  rasterOf(picture: SequenceImage): Raster;
  /**
   * What the vision side takes of pictures, in their order: [n, size, size, 3] in 0 to 1. With `vary` every picture is varied anew,
   * by numbers of the stream. The caller disposes it.
   */
  inputOf(pictures: readonly SequenceImage[], vary?: Variation): tf.Tensor;
  /** Images that could not be read, by id, with the reason. */
  missing: Map<string, string>;
  /** How the core regions came out. */
  regions: RegionReport;
}

/** How pictures vary in training. */
export interface Variation {
  stream: RandomStream;
  augment: AugmentOptions;
}

export interface RegionReport {
  regions: number;
  /** How often the whole image stood in, by reason. */
  fallbacks: Record<Fallback, number>;
  /** Crops that have fewer pixels in the stored image than here. */
  upsampled: number;
}

export interface PixelOptions {
  /** Side in pixels of the square that the network sees; the aspect is given up. */
  size: number;
  /** Side in pixels at which pictures are kept. Default 1.25 times `size`: room for crops. */
  side?: number;
  /** Finds the core regions; without it there are no crops. */
  detect?: RegionDetector;
  /** Told the number of images that are read. */
  onProgress?: (done: number) => void;
}

/**
 * Decode images and, with a detector, find and cut their core regions from the stored image. An unreadable image is named in
 * `missing`, and the rest goes on.
 * @param requests see `regionRequests`
 */
export async function loadPixels(
  requests: readonly RegionRequest[],
  { size, side = Math.round(size * 1.25), detect, onProgress }: PixelOptions,
): Promise<Pixels> {
  const whole = new Map<string, Raster>();
  const crops = new Map<string, Raster>();
  const regions = new Map<string, Region>();
  const missing = new Map<string, string>();
  let upsampled = 0;
  let done = 0;
  await decodeEach(
    requests,
    async ({ image: given, title }) => {
      const image = drawNow(given);
      const raster = await decodeImage(image.source, { width: side, height: side, fit: 'stretch' });
      whole.set(image.id, raster);
      if (detect) {
        const region = await detect(image, title);
        const crop = await cutCrop(image.source, region.box, side);
        regions.set(regionKey(image, title), region);
        crops.set(cropKey(image, region.box), crop.raster);
        if (crop.upsampled) upsampled++;
      }
      onProgress?.(++done);
      return raster;
    },
    { onIssue: (index, issue) => missing.set(requests[index].image.id, issue.message) },
  );
  const rasterOf = ({ image, crop }: SequenceImage): Raster => {
    const raster = crop ? crops.get(cropKey(image, crop)) : whole.get(image.id);
    if (!raster) throw new UserError(`${image.id}: ${missing.get(image.id) ?? 'was not loaded for this run'}.`);
    return raster;
  };
  return {
    boxOf: (image, title) => (regions.get(regionKey(image, title)) ?? regions.get(regionKey(image)))?.box,
    rasterOf,
    inputOf(pictures, vary) {
      const variations = pictures.map((picture) => (vary ? drawVariation(picture, vary) : NO_AUGMENTATION));
      return tf.tensor4d(augmentBatch(pictures.map(rasterOf), variations, size), [pictures.length, size, size, 3]);
    },
    missing,
    regions: { regions: regions.size, fallbacks: countFallbacks([...regions.values()]), upsampled },
  };
}

/**
 * A crop is already cut to the subject: where a whole image loses most of its area, it keeps at least 0.7 of it, as if the detector
 * had drawn the box up to a sixth narrower.
 */
function drawVariation({ crop }: SequenceImage, { stream, augment }: Variation) {
  return drawAugmentation(stream, crop ? { ...augment, area: [0.7, 1] } : augment);
}

function regionKey({ id }: ProductImage, title?: string): string {
  return JSON.stringify([id, title]);
}

function cropKey({ id }: ProductImage, { x1, y1, x2, y2 }: Box): string {
  return JSON.stringify([id, x1, y1, x2, y2]);
}
