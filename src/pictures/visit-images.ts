import type { ProductImage, Raster } from '../data/types.js';
import { longCall } from '../engine/long-call.js';
import { decodeImages } from './image.js';

/** Images decoded at once; limits memory. */
const batch = 256;
/** Side in pixels, enough for a fingerprint and a colour histogram. */
const side = 32;

/**
 * Decode every image to `[32, 32, 3]`, ignoring its aspect ratio, and call `visit`. An image that cannot be decoded is passed to `onBroken`
 * instead.
 */
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
