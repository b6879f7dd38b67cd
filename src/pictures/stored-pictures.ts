import { assert } from '../checks/error.js';
import type { Raster } from '../data/types.js';
import { stagedTensor } from '../engine/staging.js';
import * as tf from '../engine/tf.js';
import { type Augmentation, LUMA, NO_GAIN } from './augment.js';

/** Stored pictures on the engine, with an augmentation for each. `cutPictures` turns them into pixels. */
export type StoredPictures = {
  /** [n, height, width, 3] from 0 to 255. */
  images: tf.Tensor4D;
  /** [n, columns]: for each picture the box to sample, then its colour transform (`COLUMNS`). */
  variations: tf.Tensor2D;
};

/** Columns of `variations` and their widths. */
const COLUMNS = { box: 4, factor: 3, luma: 3, towardsGrey: 1, shift: 3 };
const WIDTH = Object.values(COLUMNS).reduce((sum, each) => sum + each, 0);

/**
 * Upload rasters of one size with an augmentation each, padded to `count` with black pictures. The caller frees the result.
 * @param size number of samples along a side that `cutPictures` will take; samples up to half a pixel outside of an image are moved to the
 * centre of its edge pixel
 */
export function uploadPictures(
  rasters: readonly Raster[],
  augmentations: readonly Augmentation[],
  size: number,
  count = rasters.length,
): StoredPictures {
  assert(rasters.length === augmentations.length, `${rasters.length} images, ${augmentations.length} augmentations`);
  assert(rasters.length > 0 && rasters.length <= count, `${rasters.length} images, filled up to ${count}`);
  const [{ width, height }] = rasters;
  const bytes = height * width * 3;
  const images = stagedTensor([count, height, width, 3], (values) => {
    rasters.forEach((raster, at) => {
      assert(raster.width === width && raster.height === height, 'rasters of a batch have one size');
      values.set(raster.data, at * bytes);
    });
    values.fill(0, rasters.length * bytes);
  });
  const variations = new Float32Array(count * WIDTH);
  augmentations.forEach(({ crop, flip, gain = NO_GAIN, brightness, contrast, shift }, row) => {
    const [left, right] = ends(crop.x1, crop.x2, width, size);
    const [top, bottom] = ends(crop.y1, crop.y2, height, size);
    let at = row * WIDTH;
    // A box from right to left is sampled mirrored.
    for (const edge of flip ? [top, right, bottom, left] : [top, left, bottom, right]) variations[at++] = edge;
    for (const each of gain) variations[at++] = (contrast * brightness * each) / 255;
    for (let channel = 0; channel < 3; channel++) variations[at++] = (LUMA[channel] * gain[channel]) / 255;
    variations[at++] = (1 - contrast) * brightness;
    for (const each of shift) variations[at++] = each;
  });
  return { images: images as tf.Tensor4D, variations: tf.tensor2d(variations, [count, WIDTH]) };
}

/**
 * Cut pixels [n, size, size, 3] from 0 to 1 out of stored pictures. Crops are sampled bilinearly without antialiasing, so store pictures at
 * little more than `size` (80 for 64). White balance, brightness, contrast and shift are one step: `contrast * (brightness * gain * x -
 * grey) + grey + shift`, where `grey` is the mean luma (ITU-R BT.601) of the balanced and brightened crop. Only the result is clipped to 0
 * and 1. Reads nothing on the host.
 */
export function cutPictures({ images, variations }: StoredPictures, size: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [count] = images.shape;
    const [boxes, factor, luma, towardsGrey, shift] = tf.split(variations, Object.values(COLUMNS), 1) as tf.Tensor2D[];
    const places = tf.range(0, count, 1, 'int32') as tf.Tensor1D;
    const crops = tf.image.cropAndResize(images, boxes, places, [size, size], 'bilinear');
    // Works on whole rows, because an operation over the three channels takes four times as long.
    const rows = tf.reshape(crops, [count, size, size * 3]);
    const acrossRow = (channels: tf.Tensor) => tf.tile(tf.reshape(channels, [count, 1, 3]), [1, 1, size]);
    const means = tf.mean(tf.reshape(tf.mean(rows, 1), [count, size, 3]), 1);
    const grey = tf.sum(tf.mul(means, luma), 1, true);
    const offset = tf.add(tf.mul(grey, towardsGrey), shift);
    const coloured = tf.add(tf.mul(rows, acrossRow(factor)), acrossRow(offset));
    return tf.reshape(tf.clipByValue(coloured, 0, 1), [count, size, size, 3]);
  });
}

/** Augment rasters and return the pixels on the host: a new array [n, size, size, 3], float32 from 0 to 1. */
export function augmentPictures(
  rasters: readonly Raster[],
  augmentations: readonly Augmentation[],
  size: number,
): Float32Array {
  const stored = uploadPictures(rasters, augmentations, size);
  const pixels = cutPictures(stored, size);
  const values = pixels.dataSync() as Float32Array;
  tf.dispose([stored, pixels]);
  return values;
}

/** The same pictures mirrored; `images` is shared. */
export function mirrorPictures({ images, variations }: StoredPictures): StoredPictures {
  const columns = Array.from({ length: WIDTH }, (_, at) => at);
  [columns[1], columns[3]] = [3, 1];
  return { images, variations: tf.gather(variations, columns, 1) };
}

/** Samples stay inside the image by this fraction. A sample that single precision rounds past the last pixel's centre would be black. */
const EDGE = 2 ** -20;

/**
 * Centres of the first and last of `size` samples between `from` and `to`, as fractions of the distance from the first pixel's centre to
 * the last's.
 */
function ends(from: number, to: number, length: number, size: number): [number, number] {
  const at = (sample: number) => (from + ((sample + 0.5) / size) * (to - from)) * length - 0.5;
  const fraction = (place: number) => Math.min(Math.max(place / Math.max(1, length - 1), EDGE), 1 - EDGE);
  return [fraction(at(0)), fraction(at(size - 1))];
}

/**
 * Input of the vision encoder, in the order of a batch: pixels [images, size, size, 3] from 0 to 1, features [images, tokens, width] of a
 * frozen encoder, or stored pictures, which a training step cuts itself.
 */
export type PictureInput = tf.Tensor | StoredPictures;
