import { join } from 'node:path';
import { wrongOption } from '../checks/error.js';
import * as tf from '../engine/tf.js';
import { fromHalf } from '../store/half.js';
import { openRecords } from '../store/record-store.js';
import type { AugmentOption } from './augment-option.js';
import { encodeViews, readViews, type View } from './augmented-views.js';
import { openFrozenEncoder } from './frozen-encoder.js';
import type { SequenceImage } from './shown-picture.js';
import { pictureKey } from './shown-picture.js';
import type { Variations } from './variation.js';
import { type FrozenVisionOption, visionOption } from './vision-option.js';

/** Features of every picture of a run, in memory at half precision. */
export interface Features {
  /**
   * [count, tokens, width] in the order of the pictures, zeros after them. With streams each is one of its views at random, else the
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
  augment: AugmentOption;
  /** Images that training shows: only these have more than one view. */
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

/**
 * Features of pictures by a frozen encoder: averaged to `pool` x `pool` tokens, and scaled so that the mean square of a picture's
 * numbers is 1. About 20 ms a view on two cores where they are not on disk; 2 bytes a number in memory.
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
      throw wrongOption('vision.pool', pool, `at most ${encoder.grid}, the positions along a side of ${vision.model}`);
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
      if (records && (start + BATCH) % WRITTEN === 0) await records.save();
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
        fromHalf(own[stream ? stream.integer(own.length) : 0], values.subarray(at * size, (at + 1) * size));
      });
      return tf.tensor3d(values, [count, pool * pool, width]);
    },
  };
}
