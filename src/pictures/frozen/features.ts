import { join } from 'node:path';
import { wrongOption } from '../../checks/error.js';
import { imageHash } from '../../data/images/image-hash.js';
import type { HashOf } from '../../data/images/image-hashes.js';
import * as tf from '../../engine/tf.js';
import { widen } from '../../store/half.js';
import { memoryRecords, openRecords } from '../../store/record-store.js';
import type { AugmentOption } from '../augment-option.js';
import type { PictureNumbers } from '../picture-numbers.js';
import type { SequenceImage } from '../shown-picture.js';
import type { Variations } from '../variation.js';
import { type FrozenVisionOption, visionOption } from '../vision-option.js';
import { encodeViews, viewKeys } from './augmented-views.js';
import { openFrozenEncoder } from './frozen-encoder.js';
import { viewTable } from './view-table.js';

/** Features of all pictures of a run at half precision: on disk and read from there, or in memory where there is no folder. */
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
  /** Folder of the features, whose keys are the bytes of an image and the part that is seen. Without it they are held in memory. */
  folder?: string;
  /** Default: reads every file. */
  hashOf?: HashOf;
  onProgress?: (done: number, total: number) => void;
  /** Stops between two batches. Features computed until then are saved. */
  signal?: AbortSignal;
}

/** Pictures per batch of the encoder. */
const BATCH = 16;

/**
 * Compute or find features of pictures by a frozen encoder, averaged to `pool` x `pool` tokens and scaled to mean square 1 per picture. A
 * view that is not cached takes about 20 ms on two cores. Features take 2 bytes per number.
 * @throws UserError for an encoder that does not fit the option
 */
export async function loadFeatures(pictures: PictureNumbers, options: FeatureOptions): Promise<Features> {
  const { varied, folder, hashOf = imageHash, onProgress, signal } = options;
  const vision = visionOption(options.vision);
  const { width, pool, views: count } = vision;
  const size = pool * pool * width;
  const encoder = await openFrozenEncoder(vision.model);
  const lost = new Map<string, string>();
  const views = viewTable(pictures, ({ image }) => (varied.has(image.id) ? count : 1));
  const bytes = 2 * size;
  const records = folder ? openRecords(join(folder, `${encoder.identity}-${pool}`), bytes) : memoryRecords(bytes);
  try {
    if (encoder.width !== width)
      throw wrongOption('vision.width', width, `${encoder.width}, the width of ${vision.model}`);
    if (pool > encoder.grid)
      throw wrongOption(
        'vision.pool',
        pool,
        `at most ${encoder.grid}, the number of positions along a side of ${vision.model}`,
      );
    const keyOf = viewKeys(options.augment, hashOf, lost);
    const missing: number[] = [];
    for (let at = 0; at < views.count; at++) {
      signal?.throwIfAborted();
      const key = folder && (await keyOf(views.at(at)));
      const place = key ? records.find(key) : undefined;
      if (place === undefined) missing.push(at);
      else views.keep(at, place);
    }
    const found = views.count - missing.length;
    onProgress?.(found, views.count);
    for (let start = 0; start < missing.length; start += BATCH) {
      signal?.throwIfAborted();
      const batch = missing.slice(start, start + BATCH);
      const shown = batch.map(views.at);
      const rows = await encodeViews(shown, encoder, pool, options.augment, lost);
      for (const [at, view] of shown.entries()) {
        const key = folder && (await keyOf(view));
        if (lost.has(view.picture.image.id)) continue;
        views.keep(batch[at], records.put(key, new Uint8Array(rows[at].buffer)));
      }
      onProgress?.(found + start + batch.length, views.count);
    }
  } finally {
    encoder.dispose();
    records.save();
  }
  return {
    missing: lost,
    inputOf(shown, { vary, count = shown.length } = {}) {
      const values = new Float32Array(count * size);
      shown.forEach((picture, at) => {
        const own = pictures.find(picture)!;
        const stream = vary && (picture.crop ? vary.crops : vary.whole);
        const place = views.placeOf(own, stream ? stream.integer(views.countOf(own)) : 0);
        widen(new Uint16Array(records.read(place).buffer), 'F16', values.subarray(at * size, (at + 1) * size));
      });
      return tf.tensor3d(values, [count, pool * pool, width]);
    },
  };
}
