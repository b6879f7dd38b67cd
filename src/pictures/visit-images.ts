import type { ProductImage, Raster } from '../data/types.js';
import { longCall } from '../engine/long-call.js';
import { decodeImages } from './image.js';

/** Decoded at once, so that memory stays flat. */
const batch = 256;
/** Pixels, stretched: enough for a fingerprint and a colour histogram. */
const side = 32;

/** Decode every image once, `[32, 32, 3]`, whatever its shape. One that cannot be decoded is reported and not visited. */
export async function visitImages(
  images: readonly ProductImage[],
  visit: (image: ProductImage, raster: Raster) => void,
  onBroken: (image: ProductImage, reason: string) => void,
): Promise<void> {
  await longCall(undefined, async ({ signal, show }) => {
    for (let start = 0; start < images.length; start += batch) {
      signal.throwIfAborted();
      const some = images.slice(start, start + batch);
      const rasters = await decodeImages(
        some.map(({ source }) => source),
        { width: side, height: side, fit: 'stretch', onIssue: (index, { reason }) => onBroken(some[index], reason) },
      );
      rasters.forEach((raster, index) => {
        if (raster) visit(some[index], raster);
      });
      show({ label: 'images', done: start + some.length, total: images.length });
    }
  });
}
