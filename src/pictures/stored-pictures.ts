import { assert } from '../checks/error.js';
import type { Raster } from '../data/types.js';
import { stagedTensor } from '../engine/staging.js';
import * as tf from '../engine/tf.js';
import { type Augmentation, LUMA, NO_GAIN } from './augment.js';
import { type ImageGrid, type PatchSizes, patchPlaces } from './patch-places.js';

/** Stored pictures on the engine, with an augmentation for each. `cutPictures` turns them into squares, `cutPatches` into patches. */
export type StoredPictures = {
  /** [n, height, width, 3] from 0 to 255. */
  images: tf.Tensor4D;
  /** [n, columns], for each picture the box to sample, then its colour transform (`COLUMNS`). */
  variations: tf.Tensor2D;
  /** [n, 2] rows and columns of tokens of each picture, int32; only for pictures of different shapes. */
  grids?: tf.Tensor2D;
};

/** Shapes of the pictures of a batch: the grid of tokens of each, and the side of a token in pixels. */
export interface PictureShapes {
  grids: readonly ImageGrid[];
  step: number;
}

/** Columns of `variations` and their widths. */
const COLUMNS = { box: 4, factor: 3, luma: 3, towardsGrey: 1, shift: 3 };
const WIDTH = Object.values(COLUMNS).reduce((sum, each) => sum + each, 0);

/**
 * Upload rasters of one size with an augmentation each, padded to `count` with black pictures. The caller frees the result.
 * @param size number of samples along a side that `cutPictures` will take, or the shapes of what `cutPatches` will cut; samples up to half a
 * pixel outside of an image are moved to the centre of its edge pixel
 */
export function uploadPictures(
  rasters: readonly Raster[],
  augmentations: readonly Augmentation[],
  size: number | PictureShapes,
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
    const samples = (side: keyof ImageGrid) => (typeof size === 'number' ? size : size.grids[row][side] * size.step);
    const [left, right] = ends(crop.x1, crop.x2, width, samples('columns'));
    const [top, bottom] = ends(crop.y1, crop.y2, height, samples('rows'));
    let at = row * WIDTH;
    // A box from right to left is sampled mirrored.
    for (const edge of flip ? [top, right, bottom, left] : [top, left, bottom, right]) variations[at++] = edge;
    for (const each of gain) variations[at++] = (contrast * brightness * each) / 255;
    for (let channel = 0; channel < 3; channel++) variations[at++] = (LUMA[channel] * gain[channel]) / 255;
    variations[at++] = (1 - contrast) * brightness;
    for (const each of shift) variations[at++] = each;
  });
  const stored = { images: images as tf.Tensor4D, variations: tf.tensor2d(variations, [count, WIDTH]) };
  return typeof size === 'number' ? stored : { ...stored, grids: gridTensor(size.grids, count) };
}

function gridTensor(grids: readonly ImageGrid[], count: number): tf.Tensor2D {
  const values = new Int32Array(count * 2);
  grids.forEach(({ rows, columns }, at) => {
    values.set([rows, columns], at * 2);
  });
  return tf.tensor2d(values, [count, 2], 'int32');
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
    const [boxes, ...colours] = tf.split(variations, Object.values(COLUMNS), 1) as tf.Tensor2D[];
    const places = tf.range(0, count, 1, 'int32') as tf.Tensor1D;
    const crops = tf.image.cropAndResize(images, boxes, places, [size, size], 'bilinear');
    const rows = tf.reshape(crops, [count, size, size * 3]) as tf.Tensor3D;
    const means = tf.mean(tf.reshape(tf.mean(rows, 1), [count, size, 3]), 1) as tf.Tensor2D;
    return tf.reshape(coloured(rows, means, colours), [count, size, size, 3]);
  });
}

/**
 * The same for pictures of different shapes: patches [n, patches, patchSize, patchSize, 3], the patches of one token adjacent, the tokens
 * row by row. What follows a picture's last token means nothing. Reads nothing on the host.
 */
export function cutPatches(
  { images, variations, grids }: Required<StoredPictures>,
  { patchSize, mergeSize }: PatchSizes,
  patches: number,
): tf.Tensor5D {
  return tf.tidy(() => {
    const [count] = images.shape;
    const [boxes, ...colours] = tf.split(variations, Object.values(COLUMNS), 1) as tf.Tensor2D[];
    const [top, left, bottom, right] = tf.split(boxes, 4, 1) as tf.Tensor2D[];
    const { row, column, real } = patchPlaces(grids, patches, mergeSize);
    const [rows, columns] = tf.split(tf.cast(grids, 'float32'), 2, 1) as tf.Tensor2D[];
    /** First and last sample of every patch along one axis [n, patches]. */
    const along = (place: tf.Tensor2D, tokens: tf.Tensor2D, from: tf.Tensor2D, to: tf.Tensor2D) => {
      const samples = tf.maximum(tf.sub(tf.mul(tokens, mergeSize * patchSize), 1), 1);
      const apart = tf.div(tf.sub(to, from), samples);
      const first = tf.add(from, tf.mul(tf.mul(tf.cast(place, 'float32'), patchSize), apart));
      return [first, tf.add(first, tf.mul(apart, patchSize - 1))];
    };
    const [y1, y2] = along(row, rows, top, bottom);
    const [x1, x2] = along(column, columns, left, right);
    const all = tf.reshape(tf.stack([y1, x1, y2, x2], 2), [count * patches, 4]) as tf.Tensor2D;
    const owner = tf.reshape(tf.tile(tf.range(0, count, 1, 'int32').expandDims(1), [1, patches]), [-1]) as tf.Tensor1D;
    const cut = tf.image.cropAndResize(images, all, owner, [patchSize, patchSize], 'bilinear');
    const ofPatches = tf.mean(tf.reshape(tf.mean(cut, 1), [count, patches, patchSize, 3]), 2);
    const shares = tf.expandDims(tf.cast(real, 'float32'), 2);
    const means = tf.div(tf.sum(tf.mul(ofPatches, shares), 1), tf.maximum(tf.sum(shares, 1), 1)) as tf.Tensor2D;
    const flat = tf.reshape(cut, [count, patches * patchSize, patchSize * 3]) as tf.Tensor3D;
    return tf.reshape(coloured(flat, means, colours), [count, patches, patchSize, patchSize, 3]);
  });
}

/**
 * Apply the colour transform of each picture. Works on whole rows, because an operation over the three channels takes four times as long.
 * @param rows [n, rows, pixels * 3]
 * @param means [n, 3] mean of each channel of each picture
 * @param colours columns of `variations` after the box
 */
function coloured(rows: tf.Tensor3D, means: tf.Tensor2D, colours: readonly tf.Tensor2D[]): tf.Tensor3D {
  const [factor, luma, towardsGrey, shift] = colours;
  const [count, , width] = rows.shape;
  const acrossRow = (channels: tf.Tensor) => tf.tile(tf.reshape(channels, [count, 1, 3]), [1, 1, width / 3]);
  const grey = tf.sum(tf.mul(means, luma), 1, true);
  const offset = tf.add(tf.mul(grey, towardsGrey), shift);
  return tf.clipByValue(tf.add(tf.mul(rows, acrossRow(factor)), acrossRow(offset)), 0, 1);
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

/** The same pictures mirrored; all but `variations` is shared. */
export function mirrorPictures({ variations, ...shared }: StoredPictures): StoredPictures {
  const columns = Array.from({ length: WIDTH }, (_, at) => at);
  [columns[1], columns[3]] = [3, 1];
  return { ...shared, variations: tf.gather(variations, columns, 1) };
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
