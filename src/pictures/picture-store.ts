import { UserError } from '../checks/error.js';
import { ImageError } from '../data/images/image-file.js';
import type { HashOf } from '../data/images/image-hashes.js';
import { inParallel } from '../data/in-parallel.js';
import { type Fallback, fullImage, type RegionDetector, type RegionRequest } from '../data/region.js';
import type { Box, ImageSource, ProductImage, Raster } from '../data/types.js';
import { summarised } from '../engine/summary.js';
import * as tf from '../engine/tf.js';
import { remembered } from '../store/remembered.js';
import { NO_AUGMENTATION } from './augment.js';
import { isUpsampled } from './crop.js';
import { openCutter } from './crop-cache.js';
import { drawnOnce } from './drawn-once.js';
import { type FeatureOptions, loadFeatures } from './frozen/features.js';
import { numberList } from './number-list.js';
import { pictureNumbers } from './picture-numbers.js';
import { regionTable } from './region-table.js';
import type { SequenceImage } from './shown-picture.js';
import { type PictureInput, type PictureShapes, uploadPictures } from './stored-pictures.js';
import { drawVariation, type Variations, variationOf, withMargin } from './variation.js';
import { greyWorld } from './white-balance.js';

/**
 * All pictures of a run, decoded once: the whole image and its core-region crop, as square rasters of bytes. They are on disk and read from there,
 * or in memory where there is no folder.
 */
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
  /** Folder of the decoded pictures. Without it they are held in memory. */
  folder?: string;
  /** Remembers the hashes of image files. */
  hashOf?: HashOf;
  /** Strength from 0 to 1 of the white balance of the vision encoder's input, estimated on each whole image (`greyWorld`). Default 0. */
  whiteBalance?: number;
  /** A frozen encoder whose features replace pixels as input. */
  features?: Omit<FeatureOptions, 'hashOf' | 'onProgress' | 'signal'>;
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

/**
 * Decode images and, with a detector, find their core regions and crop them from the stored image. With a folder, decoded pictures and features
 * stay on disk and are read when they are shown, so that memory holds about 150 bytes a picture; without one they are held in memory.
 * Unreadable images are listed in `missing`; the others are loaded.
 * @param requests see `regionRequests`
 */
export async function loadPixels(requests: readonly RegionRequest[], options: PixelOptions): Promise<Pixels> {
  const { size, side = Math.round(size * 1.25), detect, read, folder, whiteBalance, onProgress, signal } = options;
  const pictures = pictureNumbers();
  // Places of a picture: what is shown, and what augmentation may show. That is the same for a whole image; a core region has a margin.
  const crops = numberList(Uint32Array);
  const padded = numberList(Uint32Array);
  const regions = regionTable(pictures);
  const words = new Map<string, string>();
  const missing = new Map<string, string>();
  let upsampled = 0;
  let done = 0;
  const cutter = openCutter(side, folder, options.hashOf);

  /** Cut a picture, unless it was cut before. Returns its number. */
  async function keep(picture: SequenceImage, cut: (box: Box) => Promise<number>): Promise<number> {
    const known = pictures.find(picture);
    if (known !== undefined) return known;
    const crop = await cut(picture.crop ?? fullImage);
    const around = picture.crop ? await cut(withMargin(picture.crop)) : crop;
    const number = pictures.add(picture);
    // Another request may have cut it meanwhile.
    if (number < crops.length) return number;
    crops.push(crop);
    padded.push(around);
    return number;
  }

  async function load({ image: given, title }: RegionRequest): Promise<void> {
    const image = drawnOnce(given);
    const cut = await cutter.of(image.source);
    await keep({ image: given }, cut);
    if (read && !words.has(image.id)) words.set(image.id, await read(image.source));
    if (!detect) return;
    const [region] = await detect(image, title);
    const crop = await keep({ image: given, crop: region.box }, cut);
    regions.add(given, title, region);
    if (isUpsampled({ side, ...cutter.sizeAt(crops.at(crop)) })) upsampled++;
  }

  try {
    let total = 0;
    for (let round = requests; round.length; round = options.standIns?.(missing) ?? []) {
      total += round.length;
      await inParallel(round, 8, async (request) => {
        signal?.throwIfAborted();
        await load(request).catch((error: unknown) => {
          if (!(error instanceof ImageError)) throw error;
          missing.set(request.image.id, error.message);
        });
        onProgress?.(++done, total, 'pictures');
      });
    }
  } finally {
    cutter.save();
  }
  const features =
    options.features &&
    (await loadFeatures(pictures, {
      ...options.features,
      hashOf: options.hashOf,
      signal,
      onProgress: (made, total) => onProgress?.(made, total, 'features'),
    }));

  for (const [id, reason] of features?.missing ?? []) missing.set(id, reason);

  const find = (picture: SequenceImage): number => {
    const { id } = picture.image;
    const found = missing.has(id) ? undefined : pictures.find(picture);
    if (found === undefined) throw new UserError(`${id}: ${missing.get(id) ?? 'was not loaded for this run'}.`);
    return found;
  };
  const rasterOf = (picture: SequenceImage) => cutter.rasterAt(crops.at(find(picture)));
  const gainOf = whiteBalance
    ? remembered((image: ProductImage) => greyWorld(rasterOf({ image }), whiteBalance), {
        keyOf: ({ id }) => id,
        most: GAINS,
      })
    : undefined;
  const pixels: Pixels = {
    size,
    wordsOf: ({ id }) => words.get(id) ?? '',
    boxOf: regions.boxOf,
    rasterOf,
    sizeOf: (picture) => cutter.sizeAt(crops.at(find(picture))),
    inputOf(shown, { vary, count, shapes } = {}) {
      const numbers = shown.map(find);
      if (features) return features.inputOf(shown, { vary, count });
      if (!shown.length) return tf.zeros([0, size, size, 3]);
      const rasters = numbers.map((number) => cutter.rasterAt((vary ? padded : crops).at(number)));
      const variations = shown.map(({ image, crop }) => ({
        ...(vary ? drawVariation(crop, variationOf(crop, vary)) : NO_AUGMENTATION),
        gain: gainOf?.(image),
      }));
      return uploadPictures(rasters, variations, shapes ?? size, count);
    },
    missing,
    regions: { regions: regions.count, fallbacks: regions.fallbacks(), upsampled },
  };
  return summarised(pixels, pixelsSummary);
}

/** Gains of images that are kept: an image is read once more for its own. */
const GAINS = 100_000;

function pixelsSummary({ regions, missing }: Pixels): string {
  const whole = Object.values(regions.fallbacks).reduce((sum, each) => sum + each, 0);
  return `Pixels: ${regions.regions} core regions, ${whole} of them the whole image; ${missing.size} images missing`;
}
