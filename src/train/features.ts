import { join } from 'node:path';
import { augmentBatch, NO_AUGMENTATION } from '../data/augment.js';
import { imageHash, valueHash } from '../data/content-hash.js';
import { type FrozenEncoder, openFrozenEncoder } from '../data/frozen-encoder.js';
import { ImageError } from '../data/image-file.js';
import { inParallel } from '../data/in-parallel.js';
import { openRecords, type RecordStore } from '../data/record-store.js';
import type { ProductImage } from '../data/types.js';
import { wrongOption } from '../engine/check.js';
import { fromHalf, toHalf } from '../engine/half.js';
import { randomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import type { SequenceImage } from '../moon/sequence.js';
import { averageGrid, checkVision, type FrozenVisionOption } from '../moon/vision.js';
import { cutCrop } from '../regions/crop.js';
import { wholeImage } from '../regions/region.js';
import { drawVariation, surroundings, type Variation, type Variations } from './picture-variation.js';

/** Features of every picture of a run, in memory at half precision. */
export interface Features {
  /**
   * [count, tokens, width] in the order of the pictures, zeros after them. With streams each is one of its looks at random, else the
   * picture as it is.
   */
  inputOf(
    pictures: readonly SequenceImage[],
    options?: { vary?: Pick<Variations, 'whole' | 'crops'>; count?: number },
  ): tf.Tensor3D;
  /** Images that could not be read, by id, with the reason: they have no features. */
  missing: Map<string, string>;
}

export interface FeatureOptions {
  vision: FrozenVisionOption;
  augment: Variation['augment'];
  /** Images that training looks at: only these have more than one look. */
  varied: ReadonlySet<string>;
  /** Where features are kept, by the bytes of an image and what is seen of it. */
  folder?: string;
  onProgress?: (done: number, total: number) => void;
  /** Stops between two batches; what was worked out until then is kept. */
  signal?: AbortSignal;
}

/** Pictures through the encoder at once, and new ones after which they are written to disk. */
const BATCH = 16;
const WRITTEN = 32 * BATCH;
/** Seed of the looks. */
const LOOKS = 1;

/** One look at a picture: as it is (0), or varied. */
interface Look {
  picture: SequenceImage;
  number: number;
}

/**
 * Features of pictures by a frozen encoder: averaged to `pool` x `pool` tokens, and scaled so that the mean square of a picture's
 * numbers is 1. About 20 ms a look on two cores where they are not on disk; 2 bytes a number in memory.
 * @throws UserError for an encoder that does not fit the option
 */
export async function loadFeatures(pictures: readonly SequenceImage[], options: FeatureOptions): Promise<Features> {
  const { varied, folder, onProgress, signal } = options;
  const vision = checkVision(options.vision);
  const { width, pool, variants } = vision;
  const size = pool * pool * width;
  const encoder = await openFrozenEncoder(vision.model);
  const records = folder && (await openRecords(join(folder, `${encoder.identity}-${pool}`), 2 * size));
  const known = new Map<string, Uint16Array[]>(pictures.map((picture) => [pictureKey(picture), []]));
  const looks = pictures.flatMap((picture) =>
    Array.from({ length: varied.has(picture.image.id) ? variants : 1 }, (_, number): Look => ({ picture, number })),
  );
  const lost = new Map<string, string>();
  const keep = ({ picture, number }: Look, features: Uint16Array) => {
    known.get(pictureKey(picture))![number] = features;
  };
  try {
    if (encoder.width !== width)
      throw wrongOption('vision.width', width, `${encoder.width}, the width of ${vision.model}`);
    if (pool > encoder.grid)
      throw wrongOption('vision.pool', pool, `at most ${encoder.grid}, the positions along a side of ${vision.model}`);
    const missing = records
      ? await readLooks(looks, records, options, keep, lost)
      : looks.map((look) => ({ look, key: '' }));
    onProgress?.(looks.length - missing.length, looks.length);
    for (let start = 0; start < missing.length; start += BATCH) {
      signal?.throwIfAborted();
      const batch = missing.slice(start, start + BATCH);
      const rows = await encodeLooks(
        batch.map(({ look }) => look),
        encoder,
        pool,
        options,
        lost,
      );
      for (const [at, { look, key }] of batch.entries()) {
        if (lost.has(look.picture.image.id)) continue;
        keep(look, rows[at]);
        if (records) records.put(key, new Uint8Array(rows[at].buffer));
      }
      if (records && (start + BATCH) % WRITTEN === 0) await records.save();
      onProgress?.(looks.length - missing.length + start + batch.length, looks.length);
    }
  } finally {
    encoder.dispose();
    if (records) await records.save().finally(() => records.close());
  }
  return {
    missing: lost,
    inputOf(shown, { vary, count = shown.length } = {}) {
      const values = new Float32Array(count * size);
      shown.forEach((picture, at) => {
        const own = known.get(pictureKey(picture))!;
        const stream = vary && (picture.crop ? vary.crops : vary.whole);
        fromHalf(own[stream ? stream.integer(own.length) : 0], values.subarray(at * size, (at + 1) * size));
      });
      return tf.tensor3d(values, [count, pool * pool, width]);
    },
  };
}

/** A name for a picture: the image's id and what is seen of it. */
export function pictureKey({ image: { id }, crop }: SequenceImage): string {
  return JSON.stringify(crop ? [id, crop.x1, crop.y1, crop.x2, crop.y2] : [id]);
}

/** Take what is on disk; the rest, with the keys under which it is to be kept. An image that is gone is named in `lost`. */
async function readLooks(
  looks: readonly Look[],
  records: RecordStore,
  options: FeatureOptions,
  keep: (look: Look, features: Uint16Array) => void,
  lost: Map<string, string>,
): Promise<{ look: Look; key: string }[]> {
  const hashes = new Map<ProductImage, Promise<string>>();
  const hashOf = (image: ProductImage) => {
    const hash = hashes.get(image) ?? imageHash(image.source);
    hashes.set(image, hash);
    return hash;
  };
  const missing: { look: Look; key: string }[] = [];
  await inParallel(looks, 8, async (look) => {
    const { image, crop } = look.picture;
    const hash = await unlessLost(image, lost, () => hashOf(image));
    if (hash === undefined) return;
    const key = valueHash([hash, crop ?? null, variationOf(look, options) ?? null]);
    const record = await records.get(key);
    if (record) keep(look, new Uint16Array(record.buffer));
    else missing.push({ look, key });
  });
  return missing;
}

/**
 * How a look differs from the picture: the same for the same augmentation, image and box, in whatever order they come. Runs of all
 * seeds choose among the same looks, which are worked out once.
 */
function variationOf({ picture, number }: Look, { augment }: FeatureOptions) {
  if (number === 0) return undefined;
  return drawVariation(picture.crop, { stream: randomStream(LOOKS, `look ${number} ${pictureKey(picture)}`), augment });
}

async function encodeLooks(
  looks: readonly Look[],
  { side, grid, width, encode }: FrozenEncoder,
  pool: number,
  options: FeatureOptions,
  lost: Map<string, string>,
): Promise<Uint16Array[]> {
  const pixels = new Float32Array(looks.length * side * side * 3);
  await inParallel(looks, looks.length, async (look, at) => {
    const { image, crop } = look.picture;
    const variation = variationOf(look, options);
    const cut = await unlessLost(image, lost, () =>
      variation
        ? cutCrop(image.source, surroundings(crop), Math.round(side * 1.25))
        : cutCrop(image.source, crop ?? wholeImage, side),
    );
    // What is gone stays black, and its features are not kept.
    if (cut) pixels.set(augmentBatch([cut.raster], [variation ?? NO_AUGMENTATION], side), at * side * side * 3);
  });
  const features = await encode(pixels, looks.length);
  const step = grid * grid * width;
  return looks.map((_, at) =>
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
