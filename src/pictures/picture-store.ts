import { UserError } from '../checks/error.js';
import { ImageError } from '../data/images/image-file.js';
import { inParallel } from '../data/in-parallel.js';
import {
  countFallbacks,
  type Fallback,
  fullImage,
  type Region,
  type RegionDetector,
  type RegionRequest,
} from '../data/region.js';
import type { Box, ImageSource, ProductImage, Raster } from '../data/types.js';
import { summarised } from '../engine/summary.js';
import * as tf from '../engine/tf.js';
import { type Gain, NO_AUGMENTATION } from './augment.js';
import { isUpsampled } from './crop.js';
import { type Cutter, openCutter } from './crop-cache.js';
import { drawnOnce } from './drawn-once.js';
import { type FeatureOptions, loadFeatures } from './frozen/features.js';
import type { SequenceImage } from './shown-picture.js';
import { pictureKey } from './shown-picture.js';
import { type PictureInput, type PictureShapes, uploadPictures } from './stored-pictures.js';
import { drawVariation, type Variations, variationOf, withMargin } from './variation.js';
import { greyWorld } from './white-balance.js';

/** All pictures of a run, decoded once: the whole image and its core-region crop, as square rasters of bytes. */
export interface Pixels {
  /** Side of the square input of the vision encoder, in pixels; of a square of the largest input if pictures keep their shapes. */
  size: number;
  /**
   * Box of an image's core region: the one found with this title, or else without a title. Undefined if the run has no regions. Queries
   * pass no title.
   */
  boxOf(image: ProductImage, title?: string): Box | undefined;
  /** The words on an image; empty if there are none, or they were not read. */
  wordsOf(image: ProductImage): string;
  /**
   * Stored bytes of a picture.
   * @throws UserError for a picture that was not loaded
   */
  rasterOf(picture: SequenceImage): Raster;
  /**
   * Size of a picture in its image file, in pixels.
   * @throws UserError for a picture that was not loaded
   */
  sizeOf(picture: SequenceImage): Size;
  /**
   * Input of the vision encoder for pictures, in order, padded to `count` with zeros: stored pictures, or features [count, tokens, width]
   * of a frozen encoder; an empty tensor without pictures. With `vary` every picture is augmented at random, with `shapes` it keeps its own
   * shape. The caller frees the result.
   */
  inputOf(pictures: readonly SequenceImage[], options?: InputOptions): PictureInput;
  /** Image id -> reason, for images that could not be read. */
  missing: Map<string, string>;
  /** Statistics of the core regions. */
  regions: RegionReport;
}

/** In pixels. */
export interface Size {
  width: number;
  height: number;
}

export interface InputOptions {
  vary?: Variations;
  count?: number;
  shapes?: PictureShapes;
}

export interface RegionReport {
  regions: number;
  /** How often the whole image was used instead, by reason. */
  fallbacks: Record<Fallback, number>;
  /** Number of crops that had to be enlarged. */
  upsampled: number;
}

export interface PixelOptions {
  /** Side of the square input of the network, in pixels. The aspect ratio is not kept. */
  size: number;
  /** Side of the stored pictures, in pixels. Default 1.25 times `size`, which leaves room for random crops. */
  side?: number;
  /** Reads the words on an image; without it there are none. */
  read?: (source: ImageSource) => Promise<string>;
  /** Detector of the core regions; without it there are no crops. */
  detect?: RegionDetector;
  /** Folder that caches decoded pictures. */
  folder?: string;
  /** Strength from 0 to 1 of the white balance of the vision encoder's input, estimated on each whole image (`greyWorld`). Default 0. */
  whiteBalance?: number;
  /** A frozen encoder whose features replace pixels as input. */
  features?: Omit<FeatureOptions, 'onProgress' | 'signal'>;
  /** Called with the number of images read, then with the number of views that have features. */
  onProgress?: (done: number, total: number, what: 'pictures' | 'features') => void;
  /**
   * Called with the images that could not be read (id -> reason) before features are computed. Returns replacement images to read, or an
   * empty list. An error that it throws ends the call.
   */
  standIns?: (unreadable: ReadonlyMap<string, string>) => readonly RegionRequest[];
  /** Stops between two images. */
  signal?: AbortSignal;
}

/** A picture: what is shown, and what augmentation may show. That is the same for a whole image; a core region has a margin for jittering. */
interface Cut {
  crop: Raster;
  padded: Raster;
  size: Size;
}

/**
 * Decode images and, with a detector, find their core regions and crop them from the stored image. Unreadable images are listed in
 * `missing`; the others are loaded.
 * @param requests see `regionRequests`
 */
export async function loadPixels(requests: readonly RegionRequest[], options: PixelOptions): Promise<Pixels> {
  const { size, side = Math.round(size * 1.25), detect, read, folder, whiteBalance, onProgress, signal } = options;
  const cuts = new Map<string, Cut>();
  const regions = new Map<string, Region>();
  const words = new Map<string, string>();
  const missing = new Map<string, string>();
  const gains = new Map<string, Gain>();
  const pictures = new Map<string, SequenceImage>();
  let upsampled = 0;
  let done = 0;

  async function load({ image: given, title }: RegionRequest, cutter: Cutter): Promise<void> {
    const image = drawnOnce(given);
    const cut = await cutter.of(image.source);
    const { raster, width, height } = await cut(fullImage);
    cuts.set(pictureKey({ image }), { crop: raster, padded: raster, size: { width, height } });
    if (whiteBalance) gains.set(image.id, greyWorld(raster, whiteBalance));
    pictures.set(pictureKey({ image }), { image: given });
    if (read && !words.has(image.id)) words.set(image.id, await read(image.source));
    if (!detect) return;
    const [region] = await detect(image, title);
    const picture = { image: given, crop: region.box };
    const crop = await cut(region.box);
    const padded = await cut(withMargin(region.box));
    regions.set(regionKey(image, title), region);
    const size = { width: crop.width, height: crop.height };
    cuts.set(pictureKey(picture), { crop: crop.raster, padded: padded.raster, size });
    pictures.set(pictureKey(picture), picture);
    if (isUpsampled(crop)) upsampled++;
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

  const find = (picture: SequenceImage): Cut => {
    const { id } = picture.image;
    const found = missing.has(id) ? undefined : cuts.get(pictureKey(picture));
    if (!found) throw new UserError(`${id}: ${missing.get(id) ?? 'was not loaded for this run'}.`);
    return found;
  };
  const pixels: Pixels = {
    size,
    wordsOf: ({ id }) => words.get(id) ?? '',
    boxOf: (image, title) => (regions.get(regionKey(image, title)) ?? regions.get(regionKey(image)))?.box,
    rasterOf: (picture) => find(picture).crop,
    sizeOf: (picture) => find(picture).size,
    inputOf(shown, { vary, count, shapes } = {}) {
      const rasters = shown.map((picture) => find(picture)[vary ? 'padded' : 'crop']);
      if (features) return features.inputOf(shown, { vary, count });
      if (!shown.length) return tf.zeros([0, size, size, 3]);
      const variations = shown.map(({ image, crop }) => ({
        ...(vary ? drawVariation(crop, variationOf(crop, vary)) : NO_AUGMENTATION),
        gain: gains.get(image.id),
      }));
      return uploadPictures(rasters, variations, shapes ?? size, count);
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
