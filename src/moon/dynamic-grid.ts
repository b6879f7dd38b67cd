import { smartResize } from '../backbones/qwen25vl/image-patches.js';
import type { ImageGrid, PatchSizes } from '../pictures/patch-places.js';
import type { Size } from '../pictures/picture-store.js';

/** The published processor refuses pictures that are more elongated; here they are shown compressed. */
const MAX_RATIO = 200;

/**
 * Visual tokens of a picture of dynamic resolution, by the rule of the Qwen families: sides are multiples of a token, close to the picture's
 * own size and aspect ratio.
 * @param maxSide the picture has at most `maxSide`² pixels, and at least those of 2 x 2 tokens
 */
export function dynamicGrid({ width, height }: Size, { patchSize, mergeSize }: PatchSizes, maxSide: number): ImageGrid {
  const step = patchSize * mergeSize;
  const maxPixels = maxSide ** 2;
  const limits = { patchSize, mergeSize, maxPixels, minPixels: Math.min((2 * step) ** 2, maxPixels) };
  const size = smartResize(Math.min(width, MAX_RATIO * height), Math.min(height, MAX_RATIO * width), limits);
  const [rows, columns] = [size.height / step, size.width / step];
  // The rule itself exceeds the limit where the shorter side has one token.
  const max = Math.floor(maxPixels / step ** 2);
  return { rows: Math.min(rows, Math.floor(max / Math.min(columns, max))), columns: Math.min(columns, max) };
}
