import sharp from 'sharp';
import { longCall } from '../../engine/long-call.js';
import { openFrozenEncoder } from './frozen-encoder.js';

const BATCH = 16;

/**
 * Features of image files by a frozen encoder (`openFrozenEncoder`), such as EfficientNet-lite0: the mean over positions, scaled to length
 * 1, one row per image. Images are resized without keeping their aspect ratio.
 * @throws UserError for an encoder that cannot be opened
 */
export async function frozenFeatures(model: string, files: readonly string[]): Promise<Float32Array[]> {
  const { side, grid, width, encode, dispose } = await openFrozenEncoder(model);
  const rows: Float32Array[] = [];
  try {
    await longCall(undefined, async ({ signal, show }) => {
      for (let start = 0; start < files.length; start += BATCH) {
        signal.throwIfAborted();
        const batch = files.slice(start, start + BATCH);
        const images = await Promise.all(batch.map((file) => readPixels(file, side)));
        const pixels = new Float32Array(batch.length * side * side * 3);
        for (const [at, image] of images.entries()) pixels.set(image, at * image.length);
        rows.push(...unitMeans(await encode(pixels, batch.length), grid * grid, width));
        show({ label: 'features', done: rows.length, total: files.length });
      }
    });
  } finally {
    dispose();
  }
  return rows;
}

/**
 * [side, side, 3] from 0 to 1. Resized bicubically, as in the published preprocessing, which made the burst groups that ship with the data.
 */
async function readPixels(file: string, side: number): Promise<Float32Array> {
  const bytes = await sharp(file)
    .autoOrient()
    .removeAlpha()
    .toColourspace('srgb')
    .resize(side, side, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
  return Float32Array.from(bytes, (byte) => byte / 255);
}

/** Mean over positions: features [images, positions, width] -> rows of length 1. */
function unitMeans(features: Float32Array, positions: number, width: number): Float32Array[] {
  const images = features.length / (positions * width);
  return Array.from({ length: images }, (_, image) => {
    const row = new Float32Array(width);
    for (let at = 0; at < positions * width; at++) row[at % width] += features[image * positions * width + at];
    const norm = Math.hypot(...row);
    return row.map((value) => value / norm);
  });
}
