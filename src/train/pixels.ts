import { decodeEach, decodeImage } from '../data/image.js';
import type { Box, ProductImage, Raster } from '../data/types.js';
import { UserError } from '../engine/check.js';
import type { SequenceImage } from '../moon/sequence.js';
import { cutCrop } from '../regions/crop.js';
import { drawNow } from '../regions/draw-now.js';
import {
  countFallbacks,
  type Fallback,
  type Region,
  type RegionDetector,
  type RegionRequest,
} from '../regions/region.js';

/** Every picture of a run decoded once: the whole image and its core-region crop, square, as bytes. */
export interface Pixels {
  /**
   * Box of an image's core region: the one found with this title, else the one found without. Undefined where the run has no
   * regions. A query asks without a title.
   */
  boxOf(image: ProductImage, title?: string): Box | undefined;
  /** Bytes of a picture of a sequence. */
  rasterOf(picture: SequenceImage): Raster;
  /** Images that could not be read, by id, with the reason. */
  missing: Map<string, string>;
  /** How the core regions came out. */
  regions: RegionReport;
}

export interface RegionReport {
  regions: number;
  /** How often the whole image stood in, by reason. */
  fallbacks: Record<Fallback, number>;
  /** Crops that have fewer pixels in the stored image than here. */
  upsampled: number;
}

/**
 * Decode images at `side` x `side` (the aspect is given up) and, with a detector, find and cut their core regions from the stored
 * image. An unreadable image is named in `missing`, and the rest goes on.
 * @param requests see `regionRequests`
 */
export async function loadPixels(
  requests: readonly RegionRequest[],
  side: number,
  detect: RegionDetector | undefined,
  onProgress: (done: number) => void = () => {},
): Promise<Pixels> {
  const whole = new Map<string, Raster>();
  const crops = new Map<string, Raster>();
  const regions = new Map<string, Region>();
  const missing = new Map<string, string>();
  let upsampled = 0;
  let done = 0;
  await decodeEach(
    requests,
    async ({ image: given, title }) => {
      const image = drawNow(given);
      const raster = await decodeImage(image.source, { width: side, height: side, fit: 'stretch' });
      whole.set(image.id, raster);
      if (detect) {
        const region = await detect(image, title);
        const crop = await cutCrop(image.source, region.box, side);
        regions.set(regionKey(image, title), region);
        crops.set(cropKey(image, region.box), crop.raster);
        if (crop.upsampled) upsampled++;
      }
      onProgress(++done);
      return raster;
    },
    { onIssue: (index, issue) => missing.set(requests[index].image.id, issue.message) },
  );
  return {
    boxOf: (image, title) => (regions.get(regionKey(image, title)) ?? regions.get(regionKey(image)))?.box,
    rasterOf: ({ image, crop }) => {
      const raster = crop ? crops.get(cropKey(image, crop)) : whole.get(image.id);
      if (!raster) throw new UserError(`${image.id}: ${missing.get(image.id) ?? 'was not loaded for this run'}.`);
      return raster;
    },
    missing,
    regions: { regions: regions.size, fallbacks: countFallbacks([...regions.values()]), upsampled },
  };
}

function regionKey({ id }: ProductImage, title?: string): string {
  return JSON.stringify([id, title]);
}

function cropKey({ id }: ProductImage, { x1, y1, x2, y2 }: Box): string {
  return JSON.stringify([id, x1, y1, x2, y2]);
}
