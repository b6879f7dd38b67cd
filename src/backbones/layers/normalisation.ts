import { UserError } from '../../checks/error.js';
import * as tf from '../../engine/tf.js';
import { findProcessor } from '../../pictures/processor-settings.js';

/** How pixels from 0 to 1 become a tower's input, per channel (red, green, blue): (x - mean) / std. */
export interface Normalisation {
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
}

/** Pixels from -1 to 1, as SigLIP's towers and those after them take them. */
export const centred: Normalisation = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };

/**
 * The normalisation of a folder's `preprocessor_config.json`; without the file, the family's own.
 * @param load reads the file
 * @throws UserError for levels that are not divided by 255
 */
export function loadNormalisation(
  dir: string,
  load: (dir: string) => Normalisation & { rescale: number },
  own: Normalisation,
): Normalisation {
  const found = findProcessor(dir);
  if (!found) return { mean: own.mean, std: own.std };
  const { mean, std, rescale } = load(dir);
  if (Math.abs(rescale * 255 - 1) > 1e-6)
    throw new UserError(
      `${found.file}: rescale_factor is ${rescale}, expected 1/255. Other factors are not supported.`,
    );
  return { mean, std };
}

/** Normalise pixels [images, height, width, 3]. Works on whole rows: an operation over three channels takes four times as long. */
export function normalisePixels(pixels: tf.Tensor4D, { mean, std }: Normalisation): tf.Tensor4D {
  const [count, height, width] = pixels.shape;
  const acrossRow = (channels: readonly number[]) => tf.tensor1d(Array(width).fill(channels).flat());
  const rows = tf.reshape(pixels, [count, height, width * 3]);
  return tf.reshape(tf.div(tf.sub(rows, acrossRow(mean)), acrossRow(std)), pixels.shape);
}
