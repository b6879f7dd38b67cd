import { join } from 'node:path';
import { wrongOption } from '../../checks/error.js';
import * as tf from '../../engine/tf.js';
import { widen } from '../../store/half.js';
import { openRecords } from '../../store/record-store.js';
import type { AugmentOption } from '../augment-option.js';
import type { SequenceImage } from '../shown-picture.js';
import { pictureKey } from '../shown-picture.js';
import type { Variations } from '../variation.js';
import { type FrozenVisionOption, visionOption } from '../vision-option.js';
import { encodeViews, readViews, type View } from './augmented-views.js';
import { openFrozenEncoder } from './frozen-encoder.js';

/** Features of all pictures of a run, in memory at half precision. */
export interface Features {
  /**
   * [count, tokens, width] in the order of the pictures, padded with zeros. With `vary` each picture is one of its augmented views at
   * random, otherwise the picture itself.
   */
  inputOf(
    pictures: readonly SequenceImage[],
    options?: { vary?: Pick<Variations, 'whole' | 'crops'>; count?: number },
  ): tf.Tensor3D;
  /** Image id -> reason, for images that could not be read and have no features. */
  missing: Map<string, string>;
}

export interface FeatureOptions {
  vision: FrozenVisionOption;
  augment: AugmentOption;
  /** Ids of the training images; only these have more than one view. */
  varied: ReadonlySet<string>;
  /** Folder of the feature cache, whose keys are the bytes of an image and the part that is seen. */
  folder?: string;
  onProgress?: (done: number, total: number) => void;
  /** Stops between two batches. Features computed until then are saved. */
  signal?: AbortSignal;
}

/** Pictures per batch of the encoder, and new pictures between two saves. */
const BATCH = 16;
const SAVE_EVERY = 32 * BATCH;

/**
 * Compute or load features of pictures by a frozen encoder, averaged to `pool` x `pool` tokens and scaled to mean square 1 per picture. A
 * view that is not cached takes about 20 ms on two cores. Features take 2 bytes per number in memory.
 * @throws UserError for an encoder that does not fit the option
 */
export async function loadFeatures(pictures: readonly SequenceImage[], options: FeatureOptions): Promise<Features> {
  const { varied, folder, onProgress, signal } = options;
  const vision = visionOption(options.vision);
  const { width, pool, views: count } = vision;
  const size = pool * pool * width;
  const encoder = await openFrozenEncoder(vision.model);
  const records = folder && (await openRecords(join(folder, `${encoder.identity}-${pool}`), 2 * size));
  const known = new Map<string, Uint16Array[]>(pictures.map((picture) => [pictureKey(picture), []]));
  const views = pictures.flatMap((picture) =>
    Array.from({ length: varied.has(picture.image.id) ? count : 1 }, (_, number): View => ({ picture, number })),
  );
  const lost = new Map<string, string>();
  const keep = ({ picture, number }: View, features: Uint16Array) => {
    known.get(pictureKey(picture))![number] = features;
  };
  try {
    if (encoder.width !== width)
      throw wrongOption('vision.width', width, `${encoder.width}, the width of ${vision.model}`);
    if (pool > encoder.grid)
      throw wrongOption(
        'vision.pool',
        pool,
        `at most ${encoder.grid}, the number of positions along a side of ${vision.model}`,
      );
    const missing = records
      ? await readViews(views, records, options.augment, keep, lost)
      : views.map((view) => ({ view, key: '' }));
    onProgress?.(views.length - missing.length, views.length);
    for (let start = 0; start < missing.length; start += BATCH) {
      signal?.throwIfAborted();
      const batch = missing.slice(start, start + BATCH);
      const rows = await encodeViews(
        batch.map(({ view }) => view),
        encoder,
        pool,
        options.augment,
        lost,
      );
      for (const [at, { view, key }] of batch.entries()) {
        if (lost.has(view.picture.image.id)) continue;
        keep(view, rows[at]);
        if (records) records.put(key, new Uint8Array(rows[at].buffer));
      }
      if (records && (start + BATCH) % SAVE_EVERY === 0) await records.save();
      onProgress?.(views.length - missing.length + start + batch.length, views.length);
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
        widen(own[stream ? stream.integer(own.length) : 0], 'F16', values.subarray(at * size, (at + 1) * size));
      });
      return tf.tensor3d(values, [count, pool * pool, width]);
    },
  };
}
