import { ImageError } from '../data/images/image-file.js';
import { imageHash } from '../data/images/image-hash.js';
import { inParallel } from '../data/in-parallel.js';
import { wholeImage } from '../data/region.js';
import type { ProductImage } from '../data/types.js';
import { randomStream } from '../engine/random.js';
import { valueHash } from '../store/content-hash.js';
import { toHalf } from '../store/half.js';
import type { RecordStore } from '../store/record-store.js';
import { NO_AUGMENTATION } from './augment.js';
import type { AugmentOption } from './augment-option.js';
import { averageGrid } from './average-grid.js';
import { cutCrop } from './crop.js';
import type { FrozenEncoder } from './frozen-encoder.js';
import type { SequenceImage } from './shown-picture.js';
import { pictureKey } from './shown-picture.js';
import { augmentPictures } from './stored-pictures.js';
import { drawVariation, surroundings } from './variation.js';

/** One augmented view of a picture; number 0 is the picture as it is. */
export interface View {
  picture: SequenceImage;
  number: number;
}

/** Seed of the views. */
const SEED = 1;

/** Take what is on disk; the rest, with the keys under which it is to be kept. An image that is gone is named in `lost`. */
export async function readViews(
  views: readonly View[],
  records: RecordStore,
  augment: AugmentOption,
  keep: (view: View, features: Uint16Array) => void,
  lost: Map<string, string>,
): Promise<{ view: View; key: string }[]> {
  const hashes = new Map<ProductImage, Promise<string>>();
  const hashOf = (image: ProductImage) => {
    const hash = hashes.get(image) ?? imageHash(image.source);
    hashes.set(image, hash);
    return hash;
  };
  const missing: { view: View; key: string }[] = [];
  await inParallel(views, 8, async (view) => {
    const { image, crop } = view.picture;
    const hash = await unlessLost(image, lost, () => hashOf(image));
    if (hash === undefined) return;
    const key = valueHash([hash, crop ?? null, viewVariation(view, augment) ?? null]);
    const record = await records.get(key);
    if (record) keep(view, new Uint16Array(record.buffer));
    else missing.push({ view, key });
  });
  return missing;
}

/**
 * How a view differs from the picture: the same for the same augmentation, image and box, in whatever order they come. Runs of all
 * seeds choose among the same views, which are worked out once.
 */
function viewVariation({ picture, number }: View, augment: AugmentOption) {
  if (number === 0) return undefined;
  return drawVariation(picture.crop, { stream: randomStream(SEED, `look ${number} ${pictureKey(picture)}`), augment });
}

/**
 * Features of views at half precision: averaged to `pool` x `pool` tokens, of mean square 1. Those of an image that is gone are of no
 * use, and it is named in `lost`.
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
        ? cutCrop(image.source, surroundings(crop), Math.round(side * 1.25))
        : cutCrop(image.source, crop ?? wholeImage, side),
    );
    // What is gone stays black, and its features are not kept.
    if (cut) pixels.set(augmentPictures([cut.raster], [variation ?? NO_AUGMENTATION], side), at * side * side * 3);
  });
  const features = await encode(pixels, views.length);
  const step = grid * grid * width;
  return views.map((_, at) =>
    toHalf(unitScale(averageGrid(features.subarray(at * step, (at + 1) * step), grid, width, pool))),
  );
}

/** What `read` gives of an image; undefined, and the reason in `lost`, for one that cannot be read any more. */
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

/** Numbers of mean square 1, in a fresh array; zeros stay zeros. */
function unitScale(values: Float32Array): Float32Array {
  let sum = 0;
  for (const value of values) sum += value * value;
  const scale = sum ? Math.sqrt(values.length / sum) : 0;
  return values.map((value) => value * scale);
}
