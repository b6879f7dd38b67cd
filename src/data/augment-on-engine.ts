import { assert } from '../engine/check.js';
import * as tf from '../engine/tf.js';
import { type Augmentation, LUMA, NO_GAIN } from './augment.js';
import type { Raster } from './types.js';

/**
 * `augmentBatch` on the engine: one variation of each raster, [n, size, size, 3] in 0 to 1. All rasters have one size. Samples that
 * would lie less than half a pixel outside an image are moved to its edge pixel's centre. The caller disposes the result.
 */
export function augmentOnEngine(
  rasters: readonly Raster[],
  augmentations: readonly Augmentation[],
  size: number,
): tf.Tensor4D {
  assert(rasters.length === augmentations.length, `${rasters.length} images, ${augmentations.length} augmentations`);
  if (!rasters.length) return tf.zeros([0, size, size, 3]);
  const [{ width, height }] = rasters;
  const count = rasters.length;
  const bytes = staged(count * height * width * 3);
  rasters.forEach((raster, at) => {
    assert(raster.width === width && raster.height === height, 'rasters of a batch have one size');
    bytes.set(raster.data, at * height * width * 3);
  });
  const numbers = (of: (augmentation: Augmentation) => number[], shape: number[]) =>
    tf.tensor(Float32Array.from(augmentations.flatMap(of)), shape);
  return tf.tidy(() => {
    const images = tf.tensor4d(bytes, [count, height, width, 3]);
    const boxes = numbers(
      ({ crop, flip }) => {
        const [left, right] = ends(crop.x1, crop.x2, width, size);
        const [top, bottom] = ends(crop.y1, crop.y2, height, size);
        // A box from right to left is sampled mirrored.
        return flip ? [top, right, bottom, left] : [top, left, bottom, right];
      },
      [count, 4],
    ) as tf.Tensor2D;
    const places = tf.range(0, count, 1, 'int32') as tf.Tensor1D;
    const crops = tf.image.cropAndResize(images, boxes, places, [size, size], 'bilinear');
    const factor = numbers(
      ({ gain = NO_GAIN, brightness, contrast }) => gain.map((each) => (contrast * brightness * each) / 255),
      [count, 1, 3],
    );
    const luma = numbers(({ gain = NO_GAIN }) => gain.map((each, channel) => (LUMA[channel] * each) / 255), [count, 3]);
    const towardsGrey = numbers(({ brightness, contrast }) => [(1 - contrast) * brightness], [count, 1]);
    const shift = numbers((augmentation) => augmentation.shift, [count, 3]);
    // Whole rows at once: an operation over three channels takes four times as long.
    const rows = tf.reshape(crops, [count, size, size * 3]);
    const means = tf.mean(tf.reshape(tf.mean(rows, 1), [count, size, 3]), 1);
    const grey = tf.sum(tf.mul(means, luma), 1, true);
    const offset = tf.reshape(tf.add(tf.mul(grey, towardsGrey), shift), [count, 1, 3]);
    const coloured = tf.add(tf.mul(rows, tf.tile(factor, [1, 1, size])), tf.tile(offset, [1, 1, size]));
    return tf.reshape(tf.clipByValue(coloured, 0, 1), [count, size, size, 3]);
  });
}

let staging = new Float32Array(0);

/**
 * Memory for numbers on their way to the engine, the same for every batch: fresh memory takes ten times as long to write. The engine
 * may share it, so what is computed from it is computed before the next batch.
 */
function staged(length: number): Float32Array {
  if (staging.length < length) staging = new Float32Array(length);
  return staging.subarray(0, length);
}

/** Centres of the first and last of `size` samples between `from` and `to`, as shares of the way from the first pixel's centre to the last's. */
function ends(from: number, to: number, length: number, size: number): [number, number] {
  const at = (sample: number) => (from + ((sample + 0.5) / size) * (to - from)) * length - 0.5;
  const share = (place: number) => Math.min(Math.max(place / Math.max(1, length - 1), 0), 1);
  return [share(at(0)), share(at(size - 1))];
}
