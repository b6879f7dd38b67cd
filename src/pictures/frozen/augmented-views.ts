import { ImageError } from '../../data/images/image-file.js';
import type { HashOf } from '../../data/images/image-hashes.js';
import { inParallel } from '../../data/in-parallel.js';
import { fullImage } from '../../data/region.js';
import type { ProductImage } from '../../data/types.js';
import { randomStream } from '../../engine/random.js';
import { valueHash } from '../../store/content-hash.js';
import { toHalf } from '../../store/half.js';
import { remembered } from '../../store/remembered.js';
import { NO_AUGMENTATION } from '../augment.js';
import type { AugmentOption } from '../augment-option.js';
import { cutCrop } from '../crop.js';
import type { SequenceImage } from '../shown-picture.js';
import { pictureKey } from '../shown-picture.js';
import { augmentPictures } from '../stored-pictures.js';
import { drawVariation, withMargin } from '../variation.js';
import { averageGrid } from './average-grid.js';
import type { FrozenEncoder } from './frozen-encoder.js';

/** One augmented view of a picture. Number 0 is the picture itself. */
export interface View {
  picture: SequenceImage;
  number: number;
}

/** Seed of the augmented views. */
const SEED = 1;

/** Images whose hash is remembered: the views of one image come one after the other. */
const IMAGES = 64;

/**
 * Gives the key of a view: the bytes of its image, and the part and variation that are seen. Undefined for an image that cannot be read, which
 * is added to `lost`.
 */
export function viewKeys(
  augment: AugmentOption,
  hashOf: HashOf,
  lost: Map<string, string>,
): (view: View) => Promise<string | undefined> {
  const hashes = remembered((image: ProductImage) => unlessLost(image, lost, () => hashOf(image.source)), {
    keyOf: ({ id }) => id,
    most: IMAGES,
  });
  return async (view) => {
    const hash = await hashes(view.picture.image);
    return hash && valueHash([hash, view.picture.crop ?? null, viewVariation(view, augment) ?? null]);
  };
}

/**
 * Augmentation of a view. It depends only on the options, the image and the box, and not on the order of calls. So runs of all seeds choose
 * among the same views, which are encoded once.
 */
function viewVariation({ picture, number }: View, augment: AugmentOption) {
  if (number === 0) return undefined;
  return drawVariation(picture.crop, { stream: randomStream(SEED, `look ${number} ${pictureKey(picture)}`), augment });
}

/**
 * Encode views: features at half precision, averaged to `pool` x `pool` tokens and scaled to mean square 1. Images that cannot be read are
 * added to `lost`, and their features are meaningless.
 */
export async function encodeViews(
  views: readonly View[],
  { side, grid, width, encode }: FrozenEncoder,
  pool: number,
  augment: AugmentOption,
  lost: Map<string, string>,
): Promise<Uint16Array[]> {
  const pixels = new Float32Array(views.length * side * side * 3);
  await inParallel(views, views.length, async (view, at) => {
    const { image, crop } = view.picture;
    const variation = viewVariation(view, augment);
    const cut = await unlessLost(image, lost, () =>
      variation
        ? cutCrop(image.source, withMargin(crop), Math.round(side * 1.25))
        : cutCrop(image.source, crop ?? fullImage, side),
    );
    // The pixels of an unreadable image stay black, and its features are discarded.
    if (cut) pixels.set(augmentPictures([cut.raster], [variation ?? NO_AUGMENTATION], side), at * side * side * 3);
  });
  const features = await encode(pixels, views.length);
  const step = grid * grid * width;
  return views.map((_, at) =>
    toHalf(unitScale(averageGrid(features.subarray(at * step, (at + 1) * step), grid, width, pool))),
  );
}

/** The result of `read`; for an image that cannot be read any more, undefined, and the reason is added to `lost`. */
async function unlessLost<T>(
  { id }: ProductImage,
  lost: Map<string, string>,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    lost.set(id, error.message);
    return undefined;
  }
}

/** A copy scaled to mean square 1. Zeros stay zero. */
function unitScale(values: Float32Array): Float32Array {
  let sum = 0;
  for (const value of values) sum += value * value;
  const scale = sum ? Math.sqrt(values.length / sum) : 0;
  return values.map((value) => value * scale);
}
