import { join } from 'node:path';
import { imageHash } from '../data/images/image-hash.js';
import type { HashOf } from '../data/images/image-hashes.js';
import type { Box, ImageSource, Raster } from '../data/types.js';
import { valueHash } from '../store/content-hash.js';
import { memoryRecords, openRecords } from '../store/record-store.js';
import { cutCrop } from './crop.js';

/** Crops images to squares of one size, and keeps the crops: on disk, or in memory. Where a crop is kept is a number, its place. */
export interface Cutter {
  /**
   * Returns a function that crops this image and gives the place of the crop. Its file is hashed only once.
   * @throws ImageError for an image that cannot be read
   */
  of(source: ImageSource): Promise<(box: Box) => Promise<number>>;
  /** @throws UserError if its file is gone, cut short or damaged by now */
  rasterAt(place: number): Raster;
  /** Size of the box in the image file, in pixels. */
  sizeAt(place: number): { width: number; height: number };
  /**
   * Write new crops.
   * @throws UserError when the folder cannot be written
   */
  save(): void;
}

/** The key of a crop on disk: a hash of the image's hash, or of the key of a drawing, and of the box. */
export const cropKey = (hash: string, { x1, y1, x2, y2 }: Box): string => valueHash([hash, x1, y1, x2, y2]);

/** Width and height as 32-bit integers. */
const SIZE = 8;

/**
 * Open a cropper of squares with `side` pixels (`cutCrop`). With a folder, crops are kept on disk, by their box and the bytes of the image file,
 * or the key of a drawn image, or else its pixels; without one, in memory.
 */
export function openCutter(side: number, folder: string | undefined, hashOf: HashOf = imageHash): Cutter {
  const bytes = side * side * 3;
  const records = folder ? openRecords(join(folder, String(side)), bytes, SIZE) : memoryRecords(bytes, SIZE);
  return {
    async of(source) {
      const hash = folder && ((source.kind === 'drawn' && source.key) || (await hashOf(source)));
      return async (box) => {
        const key = hash ? cropKey(hash, box) : undefined;
        const known = key === undefined ? undefined : records.find(key);
        if (known !== undefined) return known;
        const { raster, width, height } = await cutCrop(source, box, side);
        const size = Buffer.alloc(SIZE);
        size.writeUInt32LE(width, 0);
        size.writeUInt32LE(height, 4);
        return records.put(key, raster.data, size);
      };
    },
    rasterAt: (place) => ({ width: side, height: side, data: records.read(place) }),
    sizeAt(place) {
      const size = records.noteOf(place);
      return { width: size.readUInt32LE(0), height: size.readUInt32LE(4) };
    },
    save: records.save,
  };
}
