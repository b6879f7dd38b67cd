import { UserError } from '../checks/error.js';
import { ImageError } from '../data/images/image-file.js';
import { inParallel } from '../data/in-parallel.js';
import {
  countFallbacks,
  type Fallback,
  type Region,
  type RegionDetector,
  type RegionRequest,
  wholeImage,
} from '../data/region.js';
import type { Box, ProductImage, Raster } from '../data/types.js';
import { summarised } from '../engine/summary.js';
import * as tf from '../engine/tf.js';
import { type Gain, NO_AUGMENTATION } from './augment.js';
import { type Cutter, openCutter } from './crop-cache.js';
import { drawnOnce } from './drawn-once.js';
import { type FeatureOptions, loadFeatures } from './features.js';
import type { SequenceImage } from './shown-picture.js';
import { pictureKey } from './shown-picture.js';
import { type PictureInput, uploadPictures } from './stored-pictures.js';
import { drawVariation, surroundings, type Variations, variationOf } from './variation.js';
import { greyWorld } from './white-balance.js';

/** Every picture of a run decoded once: the whole image and its core-region crop, square, as bytes. */
export interface Pixels {
  /** Side in pixels of the square that they are seen as. */
  size: number;
  /**
   * Box of an image's core region: the one found with this title, else the one found without. Undefined where the run has no
   * regions. A query asks without a title.
   */
  boxOf(image: ProductImage, title?: string): Box | undefined;
  /** Bytes of a picture of a sequence. */
  rasterOf(picture: SequenceImage): Raster;
  /**
   * What the vision side takes of pictures, in their order, filled up to `count` with zeros: pictures as they are stored, or features
   * [count, tokens, width] of a frozen encoder; an empty tensor where there are none. With `vary` every picture is varied, by numbers
   * of the streams. The caller disposes it.
   */
  inputOf(pictures: readonly SequenceImage[], options?: { vary?: Variations; count?: number }): PictureInput;
  /** Images that could not be read, by id, with the reason. */
  missing: Map<string, string>;
  /** How the core regions came out. */
  regions: RegionReport;
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
  /** Where decoded pictures of files are kept for the next time. */
  folder?: string;
  /** Strength of the white balance of what the vision side takes, each picture by its whole image (`greyWorld`). Default 0. */
  whiteBalance?: number;
  /** A frozen encoder whose features the vision side takes instead of pixels. */
  features?: Omit<FeatureOptions, 'onProgress' | 'signal'>;
  /** Told the number of images that are read, then of looks that have features. */
  onProgress?: (done: number, total: number, what: 'pictures' | 'features') => void;
  /**
   * Told which images could not be read, by id, before features are made of the others: gives the images to read in their place, none
   * where all is well. What it throws ends the call.
   */
  standIns?: (unreadable: ReadonlyMap<string, string>) => readonly RegionRequest[];
  /** Stops between two images. */
  signal?: AbortSignal;
}

/** A core region: the crop, and the crop with what its box may move over when it is varied. */
interface CutRegion {
  crop: Raster;
  around: Raster;
}

/**
 * Decode images and, with a detector, find and cut their core regions from the stored image. An unreadable image is named in
 * `missing`, and the rest is read.
 * @param requests see `regionRequests`
 */
export async function loadPixels(requests: readonly RegionRequest[], options: PixelOptions): Promise<Pixels> {
  const { size, side = Math.round(size * 1.25), detect, folder, whiteBalance, onProgress, signal } = options;
  const whole = new Map<string, Raster>();
  const cuts = new Map<string, CutRegion>();
  const regions = new Map<string, Region>();
  const missing = new Map<string, string>();
  const gains = new Map<string, Gain>();
  const pictures = new Map<string, SequenceImage>();
  let upsampled = 0;
  let done = 0;

  async function load({ image: given, title }: RegionRequest, cutter: Cutter): Promise<void> {
    const image = drawnOnce(given);
    const cut = await cutter.of(image.source);
    const { raster } = await cut(wholeImage);
    whole.set(image.id, raster);
    if (whiteBalance) gains.set(image.id, greyWorld(raster, whiteBalance));
    pictures.set(pictureKey({ image }), { image: given });
    if (!detect) return;
    const [region] = await detect(image, title);
    const picture = { image: given, crop: region.box };
    const crop = await cut(region.box);
    const around = await cut(surroundings(region.box));
    regions.set(regionKey(image, title), region);
    cuts.set(pictureKey(picture), { crop: crop.raster, around: around.raster });
    pictures.set(pictureKey(picture), picture);
    if (crop.upsampled) upsampled++;
  }

  const cutter = await openCutter(side, folder);
  try {
    let total = 0;
    for (let round = requests; round.length; round = options.standIns?.(missing) ?? []) {
      total += round.length;
      await inParallel(round, 8, async (request) => {
        signal?.throwIfAborted();
        await load(request, cutter).catch((error: unknown) => {
          if (!(error instanceof ImageError)) throw error;
          missing.set(request.image.id, error.message);
        });
        onProgress?.(++done, total, 'pictures');
      });
    }
  } finally {
    await cutter.close();
  }
  const features =
    options.features &&
    (await loadFeatures([...pictures.values()], {
      ...options.features,
      signal,
      onProgress: (made, total) => onProgress?.(made, total, 'features'),
    }));

  for (const [id, reason] of features?.missing ?? []) missing.set(id, reason);

  const find = (picture: SequenceImage, part: keyof CutRegion): Raster => {
    const { image, crop } = picture;
    const raster = missing.has(image.id)
      ? undefined
      : crop
        ? cuts.get(pictureKey(picture))?.[part]
        : whole.get(image.id);
    if (!raster) throw new UserError(`${image.id}: ${missing.get(image.id) ?? 'was not loaded for this run'}.`);
    return raster;
  };
  const pixels: Pixels = {
    size,
    boxOf: (image, title) => (regions.get(regionKey(image, title)) ?? regions.get(regionKey(image)))?.box,
    rasterOf: (picture) => find(picture, 'crop'),
    inputOf(shown, { vary, count } = {}) {
      const rasters = shown.map((picture) => find(picture, vary ? 'around' : 'crop'));
      if (features) return features.inputOf(shown, { vary, count });
      if (!shown.length) return tf.zeros([0, size, size, 3]);
      const variations = shown.map(({ image, crop }) => ({
        ...(vary ? drawVariation(crop, variationOf(crop, vary)) : NO_AUGMENTATION),
        gain: gains.get(image.id),
      }));
      return uploadPictures(rasters, variations, size, count);
    },
    missing,
    regions: { regions: regions.size, fallbacks: countFallbacks([...regions.values()]), upsampled },
  };
  return summarised(pixels, pixelsSummary);
}

function regionKey({ id }: ProductImage, title?: string): string {
  return JSON.stringify([id, title]);
}

function pixelsSummary({ regions, missing }: Pixels): string {
  const whole = Object.values(regions.fallbacks).reduce((sum, each) => sum + each, 0);
  return `Pixels: ${regions.regions} core regions, ${whole} of them the whole image; ${missing.size} images missing`;
}
