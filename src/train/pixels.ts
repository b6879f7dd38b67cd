import { decodeEach, decodeImage } from '../data/image.js';
import type { Box, ProductImage, Raster } from '../data/types.js';
import { UserError } from '../engine/check.js';
import type { SequenceImage } from '../moon/sequence.js';
import type { RegionDetector } from '../regions/region.js';

/** Every picture of a run decoded once: the whole image and its core-region crop, square, as bytes. */
export interface Pixels {
  /** Box of an image's core region; undefined where the run has no regions. */
  boxOf(image: ProductImage): Box | undefined;
  /** Bytes of a picture of a sequence. */
  rasterOf(picture: SequenceImage): Raster;
  /** Images that could not be read, by id, with the reason. */
  missing: Map<string, string>;
}

/**
 * Decode images at `side` x `side` (the aspect is given up) and, with a detector, find and cut their core regions from the stored
 * image. No title is shown to the detector: photos are queries. An unreadable image is named in `missing`, and the rest goes on.
 */
export async function loadPixels(
  images: readonly ProductImage[],
  side: number,
  detect: RegionDetector | undefined,
  onProgress: (done: number) => void = () => {},
): Promise<Pixels> {
  const whole = new Map<string, Raster>();
  const crops = new Map<string, Raster>();
  const boxes = new Map<string, Box>();
  const missing = new Map<string, string>();
  const square = { width: side, height: side, fit: 'stretch' } as const;
  let done = 0;
  const unique = [...new Map(images.map((image) => [image.id, image])).values()];
  await decodeEach(
    unique,
    async (image) => {
      const raster = await decodeImage(image.source, square);
      whole.set(image.id, raster);
      if (detect) {
        const { box } = detect(raster);
        boxes.set(image.id, box);
        crops.set(image.id, await decodeImage(image.source, { ...square, crop: box }));
      }
      onProgress(++done);
      return raster;
    },
    { onIssue: (index, issue) => missing.set(unique[index].id, issue.message) },
  );
  return {
    boxOf: (image) => boxes.get(image.id),
    rasterOf: ({ image, crop }) => {
      const raster = (crop ? crops : whole).get(image.id);
      if (!raster) throw new UserError(`${image.id}: ${missing.get(image.id) ?? 'was not loaded for this run'}.`);
      return raster;
    },
    missing,
  };
}
