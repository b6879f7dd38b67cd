import type { Weights } from '../../engine/flat-weights.js';
import * as tf from '../../engine/tf.js';
import { type PatchPlaces, patchPlaces } from '../../pictures/patch-places.js';
import type { EncodeOptions, SizedImages } from '../family.js';
import { attentionMask } from '../layers/attention.js';
import { embedFlat } from '../layers/still-patches.js';
import type { VisionConfig } from './config.js';
import { visionNames } from './names.js';
import { merge, runBlocks, tablesAt } from './vision.js';
import { windowSide } from './windows.js';

/**
 * Run the vision tower on still images of different sizes, padded to one number of patches: the features [images * tokens, outWidth] of
 * `encodeImages` for each image, then those of its padding, which mean nothing. Windows are masks here, so that every batch has one shape.
 */
export function encodeSized(
  config: VisionConfig,
  weights: Weights,
  { patches, grids }: SizedImages,
  { checkpoint }: EncodeOptions = {},
): tf.Tensor2D {
  return tf.tidy(() => {
    const [frames, length, patchWidth] = patches.shape;
    const places = patchPlaces(grids, length, config.mergeSize);
    const positions = tf.reshape(tf.stack([places.row, places.column], 2), [frames * length, 2]) as tf.Tensor2D;
    const within = { group: { count: 1, length }, ...tablesAt(config, positions) };
    const real = tf.cast(places.real, 'float32');
    const full = [{ ...within, mask: attentionMask(real, length, length, false) }];
    const windowed = [{ ...within, mask: windowMask(config, places) }];
    const flat = tf.reshape(patches, [frames * length, patchWidth]) as tf.Tensor2D;
    const embedded = embedFlat(flat, weights[visionNames.patches], undefined);
    const { x } = runBlocks(config, weights, embedded, { frames, full, windowed }, { checkpoint });
    return merge(config, weights, x);
  });
}

/** Additive mask [images, patches, patches]: a patch attends to the patches of its own window. */
function windowMask(config: VisionConfig, { row, column, real }: PatchPlaces): tf.Tensor3D {
  const side = tf.scalar(windowSide(config) * config.mergeSize, 'int32');
  const windowOf = (place: tf.Tensor2D) => tf.floorDiv(place, side);
  const same = (windows: tf.Tensor) => tf.equal(tf.expandDims(windows, 2), tf.expandDims(windows, 1));
  const together = tf.logicalAnd(same(windowOf(row)), same(windowOf(column)));
  const seen = tf.mul(tf.cast(together, 'float32'), tf.expandDims(tf.cast(real, 'float32'), 1));
  return tf.mul(tf.sub(seen, 1), 1e9);
}
