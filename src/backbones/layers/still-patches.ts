import { assert } from '../../checks/error.js';
import * as tf from '../../engine/tf.js';
import { linear } from './layers.js';

/**
 * Patch embeddings of still images [images * patches, width], the patches of one token side by side. Equals embedding the flattened patches
 * of a repeated frame, but sums the kernel over frames instead of repeating the image.
 * @param pixels [images, height, width, channels], both sides multiples of patch size x `mergeSize`
 * @param kernel [width, channels, frames, patch size, patch size]
 */
export function embedStill(
  pixels: tf.Tensor4D,
  kernel: tf.Tensor,
  bias: tf.Tensor | undefined,
  mergeSize: number,
): tf.Tensor2D {
  const [batch, rows, columns] = pixels.shape;
  const [, channels, , patchSize] = kernel.shape;
  assert(rows % (mergeSize * patchSize) === 0 && columns % (mergeSize * patchSize) === 0, 'sides are whole tokens');
  const units = tf.reshape(pixels, [
    (batch * rows) / (mergeSize * patchSize),
    mergeSize,
    patchSize,
    columns / (mergeSize * patchSize),
    mergeSize,
    patchSize * channels,
  ]);
  const patchWidth = patchSize * patchSize * channels;
  return embedFlat(tf.reshape(tf.transpose(units, [0, 3, 1, 4, 2, 5]), [-1, patchWidth]), kernel, bias);
}

/**
 * Embeddings [patches, width] of flattened patches of still images.
 * @param patches [patches, patch size * patch size * channels]: row by row, pixel by pixel
 * @param kernel as that of `embedStill`
 */
export function embedFlat(patches: tf.Tensor2D, kernel: tf.Tensor, bias: tf.Tensor | undefined): tf.Tensor2D {
  const summed = tf.addN(tf.unstack(kernel, 2));
  return linear(patches, tf.reshape(tf.transpose(summed, [0, 2, 3, 1]), [kernel.shape[0], patches.shape[1]]), bias);
}
