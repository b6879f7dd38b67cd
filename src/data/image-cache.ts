import { type BatchOptions, type DecodeOptions, decodeEach, decodeImage } from './image.js';
import type { ProductImage, Raster } from './types.js';

/** Decoded images kept in memory as bytes, up to a limit; the one that was used longest ago goes first. */
export interface ImageCache {
  /** As `decodeImage`. Callers share the raster: do not write into it. A failure is not kept. */
  get(image: ProductImage, options: DecodeOptions): Promise<Raster>;
  /** As `decodeImages`. */
  getAll(images: readonly ProductImage[], options: DecodeOptions & BatchOptions): Promise<(Raster | null)[]>;
  counts(): { hits: number; misses: number; images: number; bytes: number };
}

/** A cache of at most `maxBytes` of pixels: 80 x 80 takes 19,200, so 256 MB (the default) holds 13,900 of them. */
export function imageCache(maxBytes = 256 * 1024 * 1024): ImageCache {
  const kept = new Map<string, Raster>(); // in order of last use
  const underWay = new Map<string, Promise<Raster>>();
  let hits = 0;
  let misses = 0;
  let bytes = 0;

  function keep(key: string, raster: Raster): void {
    if (raster.data.byteLength > maxBytes) return;
    kept.set(key, raster);
    bytes += raster.data.byteLength;
    for (const [oldest, { data }] of kept) {
      if (bytes <= maxBytes) break;
      kept.delete(oldest);
      bytes -= data.byteLength;
    }
  }

  async function get(image: ProductImage, { width, height, fit, crop }: DecodeOptions): Promise<Raster> {
    const key = JSON.stringify([image.id, width, height, fit, crop && [crop.x1, crop.y1, crop.x2, crop.y2]]);
    const raster = kept.get(key);
    if (raster) {
      hits++;
      kept.delete(key);
      kept.set(key, raster);
      return raster;
    }
    const waiting = underWay.get(key);
    if (waiting) {
      hits++;
      return waiting;
    }
    misses++;
    const decoding = decodeImage(image.source, { width, height, fit, crop });
    underWay.set(key, decoding);
    try {
      keep(key, await decoding);
    } finally {
      underWay.delete(key);
    }
    return decoding;
  }

  return {
    get,
    getAll: (images, options) => decodeEach(images, (image) => get(image, options), options),
    counts: () => ({ hits, misses, images: kept.size, bytes }),
  };
}
